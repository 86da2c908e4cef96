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

/** A rule as far as it can be read. */
interface ParsedRule {
  /** Null where nothing can be made of it. */
  rule: Rule | null
  /** What could not be read, in a few words each; a part that is bad is left out, and of a list only what is bad in it. */
  faults: string[]
}

/** Reads a rule. `start` gives UNTIL its zone and tells days from times. Unknown parts (`X-…`) are passed over. */
export function parseRule(text: string, start: Moment): ParsedRule {
  const parts = splitParts(text)
  const freq = FREQUENCIES.find((known) => known === parts.get('FREQ'))
  if (freq === undefined) return unreadable(`FREQ=${parts.get('FREQ') ?? ''} is not a frequency`)
  if (start.isAllDay && /^(HOUR|MINUTE|SECOND)LY$/.test(freq))
    return unreadable(`FREQ=${freq} cannot repeat whole days`)
  const scale = parts.get('RSCALE')
  if (scale !== undefined && scale !== 'GREGORIAN') return unreadable(`RSCALE=${scale} is not supported`)

  const rule: Rule = { freq, interval: 1, weekStart: 0 }
  const faults = [
    ...readInterval(parts, rule),
    ...readEnd(parts, rule, start),
    ...readDays(parts, rule),
    ...readLists(parts, rule, start),
  ]
  return { rule, faults }
}

function unreadable(fault: string): ParsedRule {
  return { rule: null, faults: [fault] }
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

function readInterval(parts: Map<string, string>, rule: Rule): string[] {
  const text = parts.get('INTERVAL')
  if (text === undefined) return []
  const interval = readNumber(text, 1, 1_000_000)
  if (interval === undefined) return [`INTERVAL=${text} is not a number from 1`]
  rule.interval = interval
  return []
}

function readEnd(parts: Map<string, string>, rule: Rule, start: Moment): string[] {
  const faults: string[] = []
  const count = parts.get('COUNT')
  if (count !== undefined) {
    const value = readNumber(count, 1, 999_999_999)
    if (value === undefined) faults.push(`COUNT=${count} is not a number from 1`)
    else rule.count = value
  }
  const until = parts.get('UNTIL')
  if (until !== undefined) {
    const value = parseUntil(until, start)
    if (value === undefined) faults.push(`UNTIL=${until} is not a date`)
    else rule.until = value
  }
  return faults
}

function readDays(parts: Map<string, string>, rule: Rule): string[] {
  const faults: string[] = []
  const weekStart = parts.get('WKST')
  if (weekStart !== undefined && !WEEKDAYS.includes(weekStart)) faults.push(`WKST=${weekStart} is not a weekday`)
  else if (weekStart !== undefined) rule.weekStart = WEEKDAYS.indexOf(weekStart)
  const text = parts.get('BYDAY')
  if (text === undefined) return faults
  const days = text.split(',').map((day) => /^([+-]?(?:0?[1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)$/.exec(day))
  if (days.includes(null)) faults.push(`BYDAY=${text} has something that is not a weekday`)
  // "The second Monday" means something in a month or a year only; elsewhere the number is noise.
  const isCounted = (rule.freq === 'MONTHLY' || rule.freq === 'YEARLY') && !parts.has('BYWEEKNO')
  const read = days.flatMap((match) =>
    match ? [{ weekday: WEEKDAYS.indexOf(match[2] ?? ''), nth: isCounted ? Number(match[1] ?? 0) : 0 }] : [],
  )
  if (read.length > 0) rule.byDay = [...new Map(read.map((day) => [`${day.nth} ${day.weekday}`, day])).values()]
  return faults
}

function readLists(parts: Map<string, string>, rule: Rule, start: Moment): string[] {
  const faults: string[] = []
  for (const [name, property, least, greatest, isSigned] of LISTS) {
    const text = parts.get(name)
    // Times of day mean nothing for whole days (RFC 5545, 3.3.10), yet some makers write them.
    if (text === undefined || (start.isAllDay && /HOUR|MINUTE|SECOND/.test(name))) continue
    const numbers = text.split(',').map((item) => readNumber(item, isSigned ? -greatest : least, greatest))
    const good = numbers.filter((n) => n !== undefined && Math.abs(n) >= least) as number[]
    if (good.length < numbers.length) faults.push(`${name}=${text} has a number out of range`)
    if (good.length > 0) rule[property] = [...new Set(good)].sort((a, b) => a - b)
  }
  return faults
}
