import { DAY_MS, HOUR_MS } from '../../base/time.ts'
import { type Duration, durationBetween, endOf, longest } from './duration.ts'
import { expandRecurrence } from './expand-recurrence.ts'
import type { GapPolicy, RuleProblem } from './expand-rule.ts'
import { keyOf, type Moment } from './moment.ts'
import { parseRecurrenceLine } from './parse-recurrence-line.ts'
import { type ReadRecurrence, readRecurrence } from './read-recurrence.ts'
import type { ZoneContext } from './time-value.ts'
import type { Window } from './window.ts'

/** A series as its keeper hands it over: its first occurrence, and iCalendar's lines on when it takes place again. */
export interface Series {
  /** Its zone is the one whose wall clock the series keeps. */
  start: Moment
  /** Excluded. Null where none is named: an hour, or a day. */
  end: Moment | null
  /** RRULE, EXRULE, RDATE and EXDATE in any number and order; lines of other names are passed over. */
  lines: readonly string[]
  /** What its keeper does with a time that a change of the clock leaves out; 'skip' where not said. */
  gaps?: GapPolicy
}

/** One occurrence of a series, before exceptions are applied. */
interface SeriesOccurrence {
  /** The occurrence key: the original start as an instant, or the date of a whole day. */
  key: string
  startsAt: Date
  endsAt: Date
}

export interface SeriesProblem {
  code: RuleProblem['code'] | 'dates_unreadable' | 'line_unreadable' | 'time_zone_unknown'
  detail: string
}

/**
 * `complete`: these are all occurrences. `quarantined`: something in the lines could not be read or asked for too much; the occurrences
 * are those that stand without it, the start always among them, and the keeper's own expansion should be asked.
 */
type SeriesExpansion =
  | { kind: 'complete'; occurrences: SeriesOccurrence[] }
  | { kind: 'quarantined'; occurrences: SeriesOccurrence[]; problems: SeriesProblem[] }

/** A series is a handful of lines; those of further dates may be many. */
const MAX_LINES = 5_000

/** How far before the window occurrences are looked for that last long. */
const MAX_REACH_MS = 400 * DAY_MS

/**
 * The occurrences of a series that end after the window's start and begin before its end, rising, at most MAX_OCCURRENCES. Never
 * throws, and its work is bounded whatever the lines say.
 */
export function expandSeries(series: Series, window: Window): SeriesExpansion {
  const { start, end } = series
  const context: ZoneContext = {
    zones: new Map(),
    fallbackZone: start.timeZone,
    unknownZones: new Set(),
    guessedZones: new Map(),
  }
  const lines = series.lines.slice(0, MAX_LINES).flatMap((line) => line.split(/[\r\n]+/))
  const parsed = lines.slice(0, MAX_LINES).map(parseRecurrenceLine)
  const isCut = series.lines.length > MAX_LINES || lines.length > MAX_LINES
  const recurrence = readRecurrence(
    start,
    parsed.filter((property) => property != null),
    context,
  )
  const duration = (end === null ? undefined : durationBetween(start, end)) ?? defaultDuration(start)
  const { starts, problems } = expandRecurrence(
    recurrence,
    widen(window, [duration, ...recurrence.ownDurations.values()]),
    { gaps: series.gaps },
  )
  const occurrences = starts
    .map((moment) => toOccurrence(moment, recurrence.ownDurations.get(moment.at) ?? duration))
    .filter(({ startsAt, endsAt }) => endsAt > window.from && startsAt < window.to)
  const all = [...problems, ...problemsOf(recurrence, context, isCut || parsed.includes(undefined))]
  return all.length === 0 ? { kind: 'complete', occurrences } : { kind: 'quarantined', occurrences, problems: all }
}

function defaultDuration(start: Moment): Duration {
  return start.isAllDay ? { days: 1, ms: 0 } : { days: 0, ms: HOUR_MS }
}

function widen(window: Window, durations: readonly Duration[]): Window {
  const reach = durations.reduce((most, duration) => Math.max(most, longest(duration)), 0)
  return { from: new Date(window.from.getTime() - Math.min(reach, MAX_REACH_MS)), to: window.to }
}

function toOccurrence(moment: Moment, duration: Duration): SeriesOccurrence {
  return { key: keyOf(moment), startsAt: new Date(moment.at), endsAt: new Date(endOf(moment, duration)) }
}

function problemsOf(recurrence: ReadRecurrence, context: ZoneContext, hasUnreadableLine: boolean): SeriesProblem[] {
  const problems: SeriesProblem[] = []
  if (hasUnreadableLine) problems.push({ code: 'line_unreadable', detail: 'a line of the series' })
  if (recurrence.hasUnreadableDates) problems.push({ code: 'dates_unreadable', detail: 'RDATE or EXDATE' })
  for (const zone of context.unknownZones) problems.push({ code: 'time_zone_unknown', detail: zone })
  return problems
}
