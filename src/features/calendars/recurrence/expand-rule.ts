import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { DAY_MS } from '../../../base/time.ts'
import type { Window } from '../event.ts'
import { localOf, type Moment, momentOnDay } from './moment.ts'
import { parseRule, type Rule } from './parse-rule.ts'

/** More occurrences than this in one window are no meetings. */
export const MAX_OCCURRENCES = 2_000
/** A rule is asked for one stretch of the window after the other, each of which yields at most MAX_OCCURRENCES; this many stretches. */
const MAX_STRETCHES = 120
/** Whole days lie between two instants that are counted as days and hours. */
const COUNT_MARGIN_DAYS = 2

export interface RuleProblem {
  code: 'rrule_invalid' | 'rrule_too_expensive'
  detail: string
}

export interface ExpandedRule {
  /** Instants in milliseconds, rising; of whole days, their first instants. */
  starts: number[]
  problem?: RuleProblem
}

/**
 * The occurrences of one rule that start within the window. Times that a change of the clock leaves out are left out and not
 * counted (RFC 5545, 3.3.10). Work is bounded whatever the rule says: what was found until then comes with a problem.
 */
export function expandRule(text: string, start: Moment, window: Window): ExpandedRule {
  const rule = parseRule(text, start)
  if (typeof rule === 'string') return { starts: [], problem: { code: 'rrule_invalid', detail: rule } }
  const perDay = mostPerDay(rule)
  if (perDay > MAX_OCCURRENCES) return tooExpensive([], `${perDay} occurrences a day`)
  const bounds = boundsOf(start, window)
  if (bounds.to <= bounds.from || bounds.to <= bounds.start) return { starts: [] }
  if (rule.until !== undefined && rule.until.epochMilliseconds < bounds.from) return { starts: [] }

  const starts: number[] = []
  try {
    const walker = createWalker(rule, start, bounds)
    const stretchMs = Math.max(1, Math.floor(MAX_OCCURRENCES / perDay)) * DAY_MS
    let from = Math.max(bounds.from, bounds.start)
    for (let i = 0; from < bounds.to; i++, from += stretchMs) {
      if (i >= MAX_STRETCHES) return tooExpensive(toStarts(starts, start), 'too long a search')
      const found = walker.between(new Date(from), new Date(Math.min(bounds.to, from + stretchMs) - 1), true)
      for (const occurrence of found) starts.push(occurrence.epochMilliseconds)
      if (starts.length > MAX_OCCURRENCES) {
        return tooExpensive(
          toStarts(starts.slice(0, MAX_OCCURRENCES), start),
          `more than ${MAX_OCCURRENCES} occurrences`,
        )
      }
    }
  } catch (error) {
    // What the library's own limits stop, and what its date arithmetic cannot represent.
    return tooExpensive(toStarts(starts, start), error instanceof Error ? error.message : String(error))
  }
  return { starts: toStarts(starts, start) }
}

function tooExpensive(starts: number[], detail: string): ExpandedRule {
  return { starts, problem: { code: 'rrule_too_expensive', detail } }
}

/** Whole days are expanded at midnight UTC, where every day has a midnight, and given their zone afterwards. */
function boundsOf(start: Moment, window: Window): { from: number; to: number; start: number } {
  if (!start.isAllDay) return { from: window.from.getTime(), to: window.to.getTime(), start: start.at }
  const dayAt = (at: number) => localOf({ ...start, at }).toZonedDateTime('UTC').epochMilliseconds
  return {
    from: dayAt(window.from.getTime() - 1) + 1,
    to: dayAt(window.to.getTime() - 1) + 1,
    start: dayAt(start.at),
  }
}

function toStarts(starts: number[], start: Moment): number[] {
  if (!start.isAllDay) return starts
  return starts.map((at) => {
    const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDate()
    return momentOnDay(day, start.timeZone).at
  })
}

function createWalker(rule: Rule, start: Moment, bounds: { start: number; to: number }): RRuleTemporal {
  const zone = start.isAllDay ? 'UTC' : start.timeZone
  const { count, ...endless } = rule
  const days = (bounds.to - bounds.start) / DAY_MS
  // COUNT makes the walk begin at the start; where it cannot have been used up by the end of the window, it is left out.
  const isCountIdle = count !== undefined && mostPerDay(rule) <= 1 && count > days + COUNT_MARGIN_DAYS
  return new RRuleTemporal({
    ...endless,
    ...(count === undefined || isCountIdle ? {} : { count, includeDtstart: true }),
    dtstart: Temporal.Instant.fromEpochMilliseconds(bounds.start).toZonedDateTimeISO(zone),
    cache: false,
  })
}

/** The most occurrences this rule can have in a day. */
function mostPerDay(rule: Rule): number {
  const isBelow = (...frequencies: string[]) => frequencies.includes(rule.freq)
  const hours = rule.byHour?.length ?? (isBelow('HOURLY', 'MINUTELY', 'SECONDLY') ? 24 : 1)
  const minutes = rule.byMinute?.length ?? (isBelow('MINUTELY', 'SECONDLY') ? 60 : 1)
  const seconds = rule.bySecond?.length ?? (isBelow('SECONDLY') ? 60 : 1)
  const steps = (perDay: number) => Math.ceil(perDay / rule.interval) + 1
  if (rule.freq === 'HOURLY') return Math.min(hours, steps(24)) * minutes * seconds
  if (rule.freq === 'MINUTELY') return Math.min(hours * minutes, steps(1_440)) * seconds
  if (rule.freq === 'SECONDLY') return Math.min(hours * minutes * seconds, steps(86_400))
  return hours * minutes * seconds
}
