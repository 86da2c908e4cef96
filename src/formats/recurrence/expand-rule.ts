import { DAY_MS } from '../../base/time.ts'
import { instantAtWall } from '../time-zones/zone-clock.ts'
import { type Moment, wallOf } from './moment.ts'
import { parseRule, type Rule } from './parse-rule.ts'
import { createStepBudget, isSpent, type StepBudget } from './step-budget.ts'
import { walkRule } from './walk-rule.ts'
import type { Window } from './window.ts'

/** More occurrences than this in one window are no series that somebody meant. */
export const MAX_OCCURRENCES = 2_000
/** A rule that gives more on one day repeats more often than hourly, and nothing that people agree on does. */
const MAX_PER_DAY = 24
/** By how much a clock can be changed at most: some places have crossed the date line. */
const LONGEST_GAP_MS = DAY_MS

/**
 * What becomes of an occurrence whose time the clock skips. `skip`: there is none and it is not counted (RFC 5545, 3.3.10). `shift`: it takes
 * place later by the length of the gap, and is counted, which is what Google Calendar and Exchange do
 * (github.com/ical-org/ical.net/issues/681, February 2025; github.com/mangstadt/biweekly/issues/38, April 2016).
 */
export type GapPolicy = 'skip' | 'shift'

export interface RuleProblem {
  code: 'rrule_invalid' | 'rrule_too_expensive' | 'rrule_too_frequent'
  detail: string
}

interface ExpandedRule {
  /** Instants in milliseconds, rising; of whole days, their first instants. */
  starts: number[]
  problem?: RuleProblem
}

interface Options {
  gaps?: GapPolicy | undefined
  budget?: StepBudget
  /** Of a rule that takes dates out, one that is bad in part would take out too much: it gives nothing. */
  isExclusion?: boolean
}

/**
 * The occurrences of one rule that start within the window, at most MAX_OCCURRENCES. The start of the series is among them only if the rule
 * gives it, but is always the first that COUNT counts. A bad part costs that part only, and comes with a problem. Work is bounded by the
 * budget: what was found until then comes with a problem. Of a rule that repeats more often than hourly nothing comes but the problem.
 */
export function expandRule(text: string, start: Moment, window: Window, options: Options = {}): ExpandedRule {
  const { rule, faults } = parseRule(text, start)
  const invalid = faults.length === 0 ? undefined : ({ code: 'rrule_invalid', detail: faults.join('; ') } as const)
  if (rule === null || (options.isExclusion && invalid)) return { starts: [], ...(invalid && { problem: invalid }) }
  const budget = options.budget ?? createStepBudget()
  const first = wallOf(start)
  const to = Math.min(window.to.getTime(), lastOf(rule, start))
  const isCounting = rule.count !== undefined && mayCountEnd(rule, rule.count, start.at, to)
  const walk = {
    start: first,
    from: isCounting ? first : wallOf({ ...start, at: Math.max(start.at, window.from.getTime()) }) - LONGEST_GAP_MS,
    to: wallOf({ ...start, at: Math.max(start.at, to) }) + LONGEST_GAP_MS,
  }

  const starts: number[] = []
  const found = () => ({ starts, ...(invalid && { problem: invalid }) })
  let counted = 1
  let today = { day: Number.NaN, count: 0 }
  for (const wall of walkRule(rule, walk, budget)) {
    const { at, isInGap } = instantAtWall(wall, start.timeZone)
    // A whole day whose midnight is skipped begins an hour later.
    if (isInGap && !start.isAllDay && options.gaps !== 'shift') continue
    if (isCounting && wall !== first) counted += 1
    if ((isCounting && counted > (rule.count ?? 0)) || isAfter(rule, start, wall, at)) return found()
    if (at < window.from.getTime() || at >= window.to.getTime()) continue
    // What the clock skips may be shifted onto the next.
    if (at === starts.at(-1)) continue
    const day = Math.floor(at / DAY_MS)
    today = day === today.day ? { day, count: today.count + 1 } : { day, count: 1 }
    if (today.count > MAX_PER_DAY) return tooFrequent()
    if (starts.length === MAX_OCCURRENCES) return tooExpensive(starts, `more than ${MAX_OCCURRENCES} occurrences`)
    starts.push(at)
  }
  return isSpent(budget) ? tooExpensive(starts, 'too long a search') : found()
}

function tooFrequent(): ExpandedRule {
  return { starts: [], problem: { code: 'rrule_too_frequent', detail: `more than ${MAX_PER_DAY} on one day` } }
}

function tooExpensive(starts: number[], detail: string): ExpandedRule {
  return { starts, problem: { code: 'rrule_too_expensive', detail } }
}

function isAfter({ until }: Rule, start: Moment, wall: number, at: number): boolean {
  return until !== undefined && (start.isAllDay ? wall : at) > until
}

/** An instant after which UNTIL leaves nothing; of whole days it is midnight UTC, which no zone is further away from than a day. */
function lastOf({ until }: Rule, start: Moment): number {
  if (until === undefined) return Number.POSITIVE_INFINITY
  return until + (start.isAllDay ? 2 * DAY_MS : 1)
}

/** Whether COUNT can be used up before this time, so that everything from the start has to be counted. */
function mayCountEnd(rule: Rule, count: number, from: number, to: number): boolean {
  const days = Math.max(0, (to - from) / DAY_MS) + 2
  return count <= days * mostPerDay(rule)
}

/** The most occurrences this rule can have in a day. */
function mostPerDay(rule: Rule): number {
  const isBelow = (...frequencies: string[]) => frequencies.includes(rule.freq)
  const hours = rule.byHour?.length ?? (isBelow('HOURLY', 'MINUTELY', 'SECONDLY') ? 24 : 1)
  const minutes = rule.byMinute?.length ?? (isBelow('MINUTELY', 'SECONDLY') ? 60 : 1)
  const seconds = rule.bySecond?.length ?? (isBelow('SECONDLY') ? 60 : 1)
  return hours * minutes * seconds
}
