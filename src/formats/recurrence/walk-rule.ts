import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { civilDayOf, dayNumberOf, weekdayOf } from './civil-day.ts'
import { createDayMatcher } from './match-day.ts'
import type { Rule } from './parse-rule.ts'
import { type StepBudget, spendStep } from './step-budget.ts'

/** Where a walk begins and ends, as wall times in milliseconds; `start` is the start of the series. */
interface Walk {
  start: number
  from: number
  to: number
}

/**
 * The wall times that a rule gives, rising, from `start` and at least from `from` on until `to` (excluded): a few before `from` may come.
 * COUNT, UNTIL and zones are the caller's. Ends early when the budget does.
 */
export function walkRule(rule: Rule, walk: Walk, budget: StepBudget): Generator<number> {
  return isBelowDay(rule) ? walkTimes(rule, walk, budget) : walkDays(rule, walk, budget)
}

function isBelowDay(rule: Rule): boolean {
  return rule.freq === 'HOURLY' || rule.freq === 'MINUTELY' || rule.freq === 'SECONDLY'
}

/** Years, months, weeks and days: the matching days of each period, with each time of day. */
function* walkDays(rule: Rule, walk: Walk, budget: StepBudget): Generator<number> {
  const startDay = Math.floor(walk.start / DAY_MS)
  const fromDay = Math.floor(Math.max(walk.from, walk.start) / DAY_MS)
  const periods = periodsOf(rule, startDay)
  const matches = createDayMatcher(rule, startDay)
  const times = timesOfDay(rule, walk.start)
  for (let index = Math.max(0, periods.indexOf(fromDay)); ; index += 1) {
    const { first, end } = periods.daysOf(index)
    if (first * DAY_MS >= walk.to || !spendStep(budget)) return
    const days: number[] = []
    // BYSETPOS counts within the whole period, also what lies before the start.
    for (let day = rule.bySetPos ? first : Math.max(first, fromDay); day < end; day += 1) {
      if (!spendStep(budget)) return
      if (matches(day)) days.push(day)
    }
    const timeAt = (i: number) => (days[Math.floor(i / times.length)] ?? 0) * DAY_MS + (times[i % times.length] ?? 0)
    for (const i of positions(rule, days.length * times.length)) {
      if (!spendStep(budget)) return
      const wall = timeAt(i)
      if (wall >= walk.to) return
      if (wall >= walk.start) yield wall
    }
  }
}

interface Periods {
  /** Which period a day is in, or the last one before it. */
  indexOf(day: number): number
  /** The days of a period, the end excluded. */
  daysOf(index: number): { first: number; end: number }
}

function periodsOf({ freq, interval, weekStart }: Rule, startDay: number): Periods {
  if (freq === 'DAILY' || freq === 'WEEKLY') {
    const length = freq === 'DAILY' ? 1 : 7
    const origin = freq === 'DAILY' ? startDay : startDay - ((weekdayOf(startDay) - weekStart + 7) % 7)
    const step = length * interval
    const daysOf = (index: number) => ({ first: origin + index * step, end: origin + index * step + length })
    return { indexOf: (day) => Math.floor((day - origin) / step), daysOf }
  }
  const length = freq === 'YEARLY' ? 12 : 1
  const step = length * interval
  const monthOf = (day: number) => {
    const civil = civilDayOf(day)
    return freq === 'YEARLY' ? civil.year * 12 : civil.year * 12 + civil.month - 1
  }
  const origin = monthOf(startDay)
  const firstOf = (month: number) => dayNumberOf(Math.floor(month / 12), (month % 12) + 1, 1)
  return {
    indexOf: (day) => Math.floor((monthOf(day) - origin) / step),
    daysOf: (index) => ({ first: firstOf(origin + index * step), end: firstOf(origin + index * step + length) }),
  }
}

/** Hours, minutes and seconds: one period after the other, passing over days and hours that cannot match. */
function* walkTimes(rule: Rule, walk: Walk, budget: StepBudget): Generator<number> {
  const unit = rule.freq === 'HOURLY' ? HOUR_MS : rule.freq === 'MINUTELY' ? MINUTE_MS : SECOND_MS
  const step = unit * rule.interval
  const origin = Math.floor(walk.start / unit) * unit
  const within = timesWithin(rule, walk.start)
  const matches = createDayMatcher(rule, Math.floor(walk.start / DAY_MS))
  let at = origin + Math.max(0, Math.floor((walk.from - origin) / step)) * step
  while (at < walk.to) {
    if (!spendStep(budget)) return
    const next = nextPossible(rule, at, unit, matches)
    if (next !== undefined) {
      at = origin + Math.ceil((next - origin) / step) * step
      continue
    }
    for (const i of positions(rule, within.length)) {
      if (!spendStep(budget)) return
      const wall = at + (within[i] ?? 0)
      if (wall >= walk.start && wall < walk.to) yield wall
    }
    at += step
  }
}

/** Undefined if the period at this time is one of the rule's; else the earliest time at which one can be. */
function nextPossible(
  { byHour, byMinute, bySecond }: Rule,
  at: number,
  unit: number,
  matches: (day: number) => boolean,
): number | undefined {
  const after = (ms: number) => (Math.floor(at / ms) + 1) * ms
  const within = (ms: number, total: number) => ((Math.floor(at / ms) % total) + total) % total
  if (!matches(Math.floor(at / DAY_MS))) return after(DAY_MS)
  if (byHour && !byHour.includes(within(HOUR_MS, 24))) return after(HOUR_MS)
  if (unit <= MINUTE_MS && byMinute && !byMinute.includes(within(MINUTE_MS, 60))) return after(MINUTE_MS)
  if (unit <= SECOND_MS && bySecond && !bySecond.includes(within(SECOND_MS, 60))) return after(SECOND_MS)
  return undefined
}

/** The times of day of a rule, in milliseconds since midnight. */
function timesOfDay(rule: Rule, start: number): number[] {
  const hours = rule.byHour ?? [Math.floor(timeOfDay(start) / HOUR_MS)]
  const below = timesWithin({ ...rule, freq: 'HOURLY' }, start)
  return hours.flatMap((hour) => below.map((ms) => hour * HOUR_MS + ms))
}

/** The times within one hour, minute or second of a rule. */
function timesWithin(rule: Rule, start: number): number[] {
  const minutes = rule.freq === 'HOURLY' ? (rule.byMinute ?? [Math.floor(timeOfDay(start) / MINUTE_MS) % 60]) : [0]
  const seconds = rule.freq === 'SECONDLY' ? [0] : (rule.bySecond ?? [Math.floor(timeOfDay(start) / SECOND_MS) % 60])
  return minutes.flatMap((minute) => seconds.map((second) => minute * MINUTE_MS + second * SECOND_MS))
}

function timeOfDay(wall: number): number {
  return ((wall % DAY_MS) + DAY_MS) % DAY_MS
}

/** Which of so many times count: all, or those that BYSETPOS names, in order. */
function positions({ bySetPos }: Rule, total: number): Iterable<number> {
  if (bySetPos === undefined) return upTo(total)
  const named = bySetPos.map((position) => (position > 0 ? position - 1 : total + position))
  return [...new Set(named)].filter((i) => i >= 0 && i < total).sort((a, b) => a - b)
}

function* upTo(total: number): Generator<number> {
  for (let i = 0; i < total; i += 1) yield i
}
