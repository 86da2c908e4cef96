import { RRuleTemporal } from 'rrule-temporal'
import { DAY_MS } from '../../src/base/time.ts'
import type { Doubts } from './doubts.ts'
import { GoogleError } from './errors.ts'
import { type EventBody, isDay, type When } from './event.ts'
import { dayIn, endAfter, instantOfWhen, stampOf } from './when.ts'
import { instantMovedLater, instantOf, wallOf } from './zone-offsets.ts'

// Not the product's own expansion: what that makes of a series is compared with what is made here.

/** So many steps of a rule are walked without anything that counts; rules that never meet a day would walk for ever. */
const MAX_STEPS = 40_000
const NAME = /^([A-Z-]+)((?:;[^:]*)?):(.*)$/i

interface Line {
  name: string
  params: string
  value: string
}

/** The original starts of a series up to an instant, rising, each once. Its own start is one, whatever the rules say. */
export function expandSeries(
  { start, recurrence = [] }: Pick<EventBody, 'start' | 'recurrence'>,
  { until, calendarZone, gapTimes }: { until: number; calendarZone: string; gapTimes: Doubts['gapTimes'] },
): When[] {
  const zone = zoneOf(start, calendarZone)
  const context = { start, zone, until, gapTimes }
  const lines = recurrence.flatMap(readLine)
  const of = (name: string) => lines.filter((line) => line.name === name)
  const found = new Map<string, When>([[stampOf(start), start]])
  const add = (when: When) => found.set(stampOf(when), when)
  for (const { value } of of('RRULE')) for (const when of walkRule(value, context)) add(when)
  for (const line of of('RDATE')) for (const when of readDates(line, context)) add(when)
  for (const { value } of of('EXRULE'))
    for (const when of [start, ...walkRule(value, context)]) found.delete(stampOf(when))
  for (const line of of('EXDATE')) {
    for (const when of readDates(line, context)) {
      found.delete(stampOf(when))
      if (isDay(when) && !isDay(start)) {
        for (const [stamp, one] of found) if (!isDay(one) && dayIn(zone, one.at) === when.date) found.delete(stamp)
      }
    }
  }
  return [...found.values()]
    .map((when) => ({ when, at: instantOfWhen(when, calendarZone) }))
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at)
    .map(({ when }) => when)
}

/** Throws what Google answers to lines that are no recurrence. What begins with X- is kept and means nothing. */
export function checkRecurrence(recurrence: readonly string[], start: When): void {
  for (const text of recurrence) {
    const line = readLine(text)[0]
    const isKnown = line && (['RRULE', 'EXRULE', 'RDATE', 'EXDATE'].includes(line.name) || line.name.startsWith('X-'))
    if (!isKnown || (/^(RR|EXR)ULE$/.test(line.name) && !isRule(line.value))) {
      throw new GoogleError(400, 'invalid', 'Invalid recurrence rule.', { location: 'recurrence' })
    }
  }
  if (!isDay(start) && start.timeZone === undefined) {
    throw new GoogleError(400, 'required', 'Missing time zone definition for start time.')
  }
}

function isRule(value: string): boolean {
  try {
    const parts = Object.fromEntries(value.split(';').map((part) => part.split('=') as [string, string]))
    const isNumber = (text: string | undefined) => text === undefined || /^[1-9]\d*$/.test(text)
    createRule(value, 0)
    return parts.FREQ !== undefined && isNumber(parts.COUNT) && isNumber(parts.INTERVAL)
  } catch {
    return false
  }
}

interface Context {
  start: When
  zone: string
  until: number
  gapTimes: Doubts['gapTimes']
}

/** What one rule gives, besides the series' own start. Its end is looked after here: occurrences that clocks leave out are not counted. */
function walkRule(value: string, { start, zone, until, gapTimes }: Context): When[] {
  if (!isRule(value)) return []
  const { COUNT, UNTIL } = Object.fromEntries(value.split(';').map((part) => part.split('=')))
  const last = UNTIL === undefined ? Number.POSITIVE_INFINITY : lastWall(UNTIL, start, zone)
  const first = stampOf(start)
  const found: When[] = []
  const most = COUNT === undefined ? Number.POSITIVE_INFINITY : Number(COUNT) - 1
  const walk = (wall: number): boolean => {
    if (wall > last || wall > until + 2 * DAY_MS || found.length >= most) return false
    const when = whenOf(wall, start, zone, gapTimes)
    if (when && stampOf(when) !== first) found.push(when)
    return true
  }
  try {
    createRule(value, wallOfStart(start, zone)).all(({ epochMilliseconds }) => walk(epochMilliseconds))
  } catch {
    // The library gives up on rules that hardly ever meet a day. What was found until then is what there is.
  }
  return found
}

/** Without its end, and in wall time written as if it were UTC: clocks that change are looked after here too. */
function createRule(value: string, startWall: number): RRuleTemporal {
  const endless = value.split(';').filter((part) => !/^(COUNT|UNTIL)=/.test(part))
  const dtstart = `DTSTART:${stampOf({ at: startWall, timeZone: undefined })}`
  return new RRuleTemporal({
    rruleString: `${dtstart}\nRRULE:${endless.join(';')}`,
    maxIterations: MAX_STEPS,
    cache: false,
  })
}

function whenOf(wall: number, start: When, zone: string, gapTimes: Doubts['gapTimes']): When | undefined {
  if (isDay(start)) return { date: new Date(wall).toISOString().slice(0, 10) }
  const at = instantOf(zone, wall) ?? (gapTimes === 'moved_later' ? instantMovedLater(zone, wall) : undefined)
  return at === undefined ? undefined : { at, timeZone: start.timeZone }
}

function wallOfStart(start: When, zone: string): number {
  return isDay(start) ? Date.parse(`${start.date}T00:00:00Z`) : wallOf(zone, start.at)
}

/** The last wall time that an UNTIL lets through. A date lets through its whole day. */
function lastWall(text: string, start: When, zone: string): number {
  const { wall, isUtc, isDate } = readStamp(text)
  if (isDate) return wall + 86_399_000
  return isUtc && !isDay(start) ? wallOf(zone, wall) : wall
}

/** The times of an RDATE or EXDATE line; a period counts from its start. */
function readDates({ params, value }: Line, { start, zone }: Context): When[] {
  const [, given] = /;TZID=([^;:]+)/i.exec(params) ?? []
  return value.split(',').flatMap((text): When[] => {
    const { wall, isUtc, isDate } = readStamp(text.split('/')[0] ?? '')
    if (Number.isNaN(wall)) return []
    if (isDate || isDay(start)) return [{ date: new Date(wall).toISOString().slice(0, 10) }]
    const at = isUtc ? wall : (instantOf(given ?? zone, wall) ?? instantMovedLater(given ?? zone, wall))
    return [{ at, timeZone: start.timeZone }]
  })
}

function readStamp(text: string): { wall: number; isUtc: boolean; isDate: boolean } {
  const [, year, month, day, time] = /^(\d{4})(\d\d)(\d\d)(?:T(\d{6})Z?)?$/i.exec(text.trim()) ?? []
  const clock = (time ?? '000000').replace(/(..)(..)(..)/, '$1:$2:$3')
  return {
    wall: Date.parse(`${year}-${month}-${day}T${clock}Z`),
    isUtc: /Z$/i.test(text.trim()),
    isDate: time === undefined,
  }
}

function readLine(text: string): Line[] {
  const [, name, params, value] = NAME.exec(text.trim()) ?? []
  return name && value !== undefined ? [{ name: name.toUpperCase(), params: params ?? '', value }] : []
}

function zoneOf(start: When, calendarZone: string): string {
  return (isDay(start) ? undefined : start.timeZone) ?? calendarZone
}

/** One occurrence as it is while nothing was changed in it. */
export function instanceOf(series: EventBody, originalStart: When): EventBody {
  const { recurrence: _, ...rest } = series
  return {
    ...rest,
    id: `${series.id}_${stampOf(originalStart)}`,
    recurringEventId: series.id,
    originalStart,
    start: originalStart,
    end: endAfter(series, originalStart),
  }
}
