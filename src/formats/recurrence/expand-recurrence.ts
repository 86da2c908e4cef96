import { DAY_MS } from '../../base/time.ts'
import { expandRule, type GapPolicy, MAX_OCCURRENCES, type RuleProblem } from './expand-rule.ts'
import { type Moment, meantDay, momentAtInstant, momentAtWall, momentOnWallDay, startOfDay, wallOf } from './moment.ts'
import { createStepBudget, type StepBudget } from './step-budget.ts'
import type { Window } from './window.ts'

/** More rules than this, of either kind, are a slip or an attack. */
const MAX_RULES = 20

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

interface ExpandedRecurrence {
  /** Original starts within the window, rising, each once. */
  starts: Moment[]
  problems: RuleProblem[]
}

/**
 * The original starts of a series within the window (from included, to excluded), at most MAX_OCCURRENCES. What cannot be read of a rule
 * is left out and named; the rest of the series stands. All rules share one budget of steps.
 */
export function expandRecurrence(
  recurrence: Recurrence,
  window: Window,
  { gaps = 'skip', budget = createStepBudget() }: { gaps?: GapPolicy | undefined; budget?: StepBudget } = {},
): ExpandedRecurrence {
  const { start } = recurrence
  const problems: RuleProblem[] = []
  const run = (rules: readonly string[], isExclusion = false) =>
    rules.slice(0, MAX_RULES).flatMap((rule) => {
      const expanded = expandRule(rule, start, window, { gaps, budget, isExclusion })
      if (expanded.problem) problems.push(expanded.problem)
      return expanded.starts
    })

  const found = new Set([
    start.at,
    ...run(recurrence.rules),
    ...recurrence.dates.map((date) => normalise(date, start).at),
  ])
  for (const at of run(recurrence.exclusionRules, true)) found.delete(at)
  if (recurrence.rules.length > MAX_RULES || recurrence.exclusionRules.length > MAX_RULES) {
    problems.push({ code: 'rrule_too_expensive', detail: `more than ${MAX_RULES} rules` })
  }
  const isExcluded = readExclusions(recurrence)
  const starts = [...found]
    .filter((at) => at >= window.from.getTime() && at < window.to.getTime() && !isExcluded(at))
    .sort((a, b) => a - b)
  if (starts.length > MAX_OCCURRENCES) {
    problems.push({ code: 'rrule_too_expensive', detail: `more than ${MAX_OCCURRENCES} occurrences` })
  }
  return { starts: starts.slice(0, MAX_OCCURRENCES).map((at) => ({ ...start, at })), problems }
}

/** The moment in the form of its series: a day for an all-day series, an instant in the series' zone otherwise. */
export function normalise(moment: Moment, start: Moment): Moment {
  if (start.isAllDay) return momentOnWallDay(meantDay(moment, start.timeZone), start.timeZone)
  if (!moment.isAllDay) return momentAtInstant(moment.at, start.timeZone)
  // A date where an instant was expected means that day's occurrence, at the usual time of day.
  const wall = wallOf(start)
  return momentAtWall(wallOf(moment) + wall - startOfDay(wall), start.timeZone)
}

function readExclusions({ start, excludedDates }: Recurrence): (at: number) => boolean {
  const instants = new Set<number>()
  const days = new Set<number>()
  for (const excluded of excludedDates) {
    if (excluded.isAllDay && !start.isAllDay) days.add(wallOf(excluded) / DAY_MS)
    else instants.add(normalise(excluded, start).at)
  }
  const dayOf = (at: number) => Math.floor(wallOf({ ...start, at }) / DAY_MS)
  return (at) => instants.has(at) || (days.size > 0 && days.has(dayOf(at)))
}
