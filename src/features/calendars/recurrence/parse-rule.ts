import type { Moment } from './moment.ts'
import { parseUntil } from './parse-until.ts'

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const
type Frequency = (typeof FREQUENCIES)[number]

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** A weekday of a rule. */
export interface RuleDay {
  /** 0 for Monday to 6 for Sunday. */
  weekday: number
  /** Which one of the month or year, negative from the end; 0 for each. */
  nth: number
}

/** A recurrence rule whose every part has been checked. */
export interface Rule {
  freq: Frequency
  interval: number
  count?: number
  /** The last instant that counts; of whole days, midnight UTC of the last day. In milliseconds since 1970. */
  until?: number
  /** On which weekday weeks begin, 0 for Monday. */
  weekStart: number
  byDay?: readonly RuleDay[]
  byMonth?: readonly number[]
  byMonthDay?: readonly number[]
  byYearDay?: readonly number[]
  byWeekNo?: readonly number[]
  byHour?: readonly number[]
  byMinute?: readonly number[]
  bySecond?: readonly number[]
  bySetPos?: readonly number[]
}

/** The lists of numbers: name, property, least and greatest absolute value, whether counting from the end is allowed. */
const LISTS = [
  ['BYMONTH', 'byMonth', 1, 12, false],
  ['BYMONTHDAY', 'byMonthDay', 1, 31, true],
  ['BYYEARDAY', 'byYearDay', 1, 366, true],
  ['BYWEEKNO', 'byWeekNo', 1, 53, true],
  ['BYSETPOS', 'bySetPos', 1, 366, true],
  ['BYHOUR', 'byHour', 0, 23, false],
  ['BYMINUTE', 'byMinute', 0, 59, false],
  ['BYSECOND', 'bySecond', 0, 59, false],
] as const

/** The rule, or a few words on what is wrong with it. `start` gives UNTIL its zone and tells days from times. Unknown parts (`X-…`) are passed over. */
export function parseRule(text: string, start: Moment): Rule | string {
  const parts = splitParts(text)
  const freq = FREQUENCIES.find((known) => known === parts.get('FREQ'))
  if (freq === undefined) return `FREQ=${parts.get('FREQ') ?? ''} is not a frequency`
  if (start.isAllDay && /^(HOUR|MINUTE|SECOND)LY$/.test(freq)) return `FREQ=${freq} cannot repeat whole days`
  const scale = parts.get('RSCALE')
  if (scale !== undefined && scale !== 'GREGORIAN') return `RSCALE=${scale} is not supported`

  const interval = readNumber(parts.get('INTERVAL') ?? '1', 1, 1_000_000)
  if (interval === undefined) return `INTERVAL=${parts.get('INTERVAL')} is not a number from 1`
  const rule: Rule = { freq, interval, weekStart: 0 }
  return readEnd(parts, rule, start) ?? readDays(parts, rule) ?? readLists(parts, rule, start) ?? rule
}

function splitParts(text: string): Map<string, string> {
  const parts = new Map<string, string>()
  for (const part of text
    .replace(/^RRULE:/i, '')
    .slice(0, 10_000)
    .toUpperCase()
    .split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).replace(/\s+/g, ''))
  }
  return parts
}

function readNumber(text: string, least: number, greatest: number): number | undefined {
  const value = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= greatest ? value : undefined
}

function readEnd(parts: Map<string, string>, rule: Rule, start: Moment): string | undefined {
  const count = parts.get('COUNT')
  if (count !== undefined) {
    const value = readNumber(count, 1, 999_999_999)
    if (value === undefined) return `COUNT=${count} is not a number from 1`
    rule.count = value
  }
  const until = parts.get('UNTIL')
  if (until !== undefined) {
    const value = parseUntil(until, start)
    if (value === undefined) return `UNTIL=${until} is not a date`
    rule.until = value
  }
  return undefined
}

function readDays(parts: Map<string, string>, rule: Rule): string | undefined {
  const weekStart = parts.get('WKST')
  if (weekStart !== undefined && !WEEKDAYS.includes(weekStart)) return `WKST=${weekStart} is not a weekday`
  if (weekStart !== undefined) rule.weekStart = WEEKDAYS.indexOf(weekStart)
  const text = parts.get('BYDAY')
  if (text === undefined) return undefined
  const days = text.split(',').map((day) => /^([+-]?(?:0?[1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/.exec(day))
  // "The second Monday" means something in a month or a year only; elsewhere the number is noise.
  const isCounted = (rule.freq === 'MONTHLY' || rule.freq === 'YEARLY') && !parts.has('BYWEEKNO')
  const read = days.map((match) => ({
    weekday: WEEKDAYS.indexOf(match?.[2] ?? ''),
    nth: isCounted ? Number(match?.[1] ?? 0) : 0,
  }))
  if (read.some((day) => day.weekday === -1)) return `BYDAY=${text} has something that is not a weekday`
  rule.byDay = [...new Map(read.map((day) => [`${day.nth} ${day.weekday}`, day])).values()]
  return undefined
}

function readLists(parts: Map<string, string>, rule: Rule, start: Moment): string | undefined {
  for (const [name, property, least, greatest, isSigned] of LISTS) {
    const text = parts.get(name)
    // Times of day mean nothing for whole days (RFC 5545, 3.3.10), yet some makers write them.
    if (text === undefined || (start.isAllDay && /HOUR|MINUTE|SECOND/.test(name))) continue
    const numbers = text.split(',').map((item) => readNumber(item, isSigned ? -greatest : least, greatest))
    if (numbers.some((n) => n === undefined || Math.abs(n) < least)) return `${name}=${text} has a number out of range`
    rule[property] = [...new Set(numbers as number[])].sort((a, b) => a - b)
  }
  return undefined
}
