import { Temporal } from 'temporal-polyfill'
import type { Window } from '../event.ts'
import { expandRule, MAX_OCCURRENCES, type RuleProblem } from './expand-rule.ts'
import { keyOf, localOf, type Moment, meantDay, momentAtInstant, momentOnDay } from './moment.ts'

/** When a series takes place: iCalendar's properties with their times already read. Google's `recurrence` holds the same. */
export interface Recurrence {
  /** DTSTART, always an occurrence even where no rule gives it. */
  start: Moment
  rules: readonly string[]
  exclusionRules: readonly string[]
  dates: readonly Moment[]
  /** A whole day among the exclusions of a timed series takes out all of that day. */
  excludedDates: readonly Moment[]
}

export interface ExpandedRecurrence {
  /** Original starts within the window, rising, each once. */
  starts: Moment[]
  problems: RuleProblem[]
}

/**
 * The original starts of a series within the window (from included, to excluded), at most MAX_OCCURRENCES. A rule that cannot be read
 * is left out and named; the rest of the series stands.
 */
export function expandRecurrence(recurrence: Recurrence, window: Window): ExpandedRecurrence {
  const { start } = recurrence
  const problems: RuleProblem[] = []
  const run = (rules: readonly string[]) =>
    rules.slice(0, 20).flatMap((rule) => {
      const expanded = expandRule(rule, start, window)
      if (expanded.problem) problems.push(expanded.problem)
      return expanded.starts
    })

  const found = new Set([
    start.at,
    ...run(recurrence.rules),
    ...recurrence.dates.map((date) => normalise(date, start).at),
  ])
  for (const at of run(recurrence.exclusionRules)) found.delete(at)
  const inWindow = [...found]
    .filter((at) => at >= window.from.getTime() && at < window.to.getTime())
    .sort((a, b) => a - b)

  const isExcluded = readExclusions(recurrence)
  const starts = inWindow.map((at) => ({ ...start, at })).filter((moment) => !isExcluded(moment))
  if (starts.length > MAX_OCCURRENCES) {
    problems.push({ code: 'rrule_too_expensive', detail: `more than ${MAX_OCCURRENCES} occurrences` })
  }
  return { starts: starts.slice(0, MAX_OCCURRENCES), problems }
}

/** The moment in the form of its series: a day for an all-day series, an instant in the series' zone otherwise. */
export function normalise(moment: Moment, start: Moment): Moment {
  if (start.isAllDay) return momentOnDay(Temporal.PlainDate.from(meantDay(moment, start.timeZone)), start.timeZone)
  if (!moment.isAllDay) return momentAtInstant(moment.at, start.timeZone)
  // A date where an instant was expected means that day's occurrence, at the usual time of day.
  const time = localOf(start).toPlainTime()
  const at = localOf(moment).withPlainTime(time).toZonedDateTime(start.timeZone).epochMilliseconds
  return momentAtInstant(at, start.timeZone)
}

function readExclusions({ start, excludedDates }: Recurrence): (moment: Moment) => boolean {
  const instants = new Set<number>()
  const days = new Set<string>()
  for (const excluded of excludedDates) {
    if (excluded.isAllDay && !start.isAllDay) days.add(keyOf(excluded))
    else instants.add(normalise(excluded, start).at)
  }
  return (moment) => instants.has(moment.at) || (days.size > 0 && days.has(localOf(moment).toPlainDate().toString()))
}
