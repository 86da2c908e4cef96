import { addDays } from '../../src/base/time.ts'
import { GoogleError, invalidValue } from './errors.ts'
import { type EventBody, type EventTime, isDay, type When } from './event.ts'
import { instantMovedLater, instantOf, offsetAt, wallOf } from './zone-offsets.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/i

/** Reads a time as it came in; without an offset it is one of its own zone or of the calendar's. Throws what Google answers. */
export function readTime({ date, dateTime, timeZone }: EventTime, calendarZone: string): When {
  if (date !== undefined && dateTime === undefined) {
    if (!DATE.test(date) || Number.isNaN(Date.parse(date))) throw invalidValue('date')
    return { date }
  }
  const [, day, time, offset] = DATE_TIME.exec(dateTime ?? '') ?? []
  if (date !== undefined || !day || !time) throw new GoogleError(400, 'invalid', 'Invalid start time.')
  if (offset) return { at: Date.parse(dateTime ?? ''), timeZone }
  const wall = Date.parse(`${day}T${time}Z`)
  const zone = timeZone ?? calendarZone
  return { at: instantOf(zone, wall) ?? instantMovedLater(zone, wall), timeZone: zone }
}

/** Writes a time with the offset of a zone, which is the calendar's or the one that was asked for. */
export function writeTime(when: When, timeZone: string): EventTime {
  if (isDay(when)) return { date: when.date }
  return { dateTime: writeInstant(when.at, timeZone), timeZone: when.timeZone ?? timeZone }
}

function writeInstant(at: number, timeZone: string): string {
  const offset = offsetAt(timeZone, at)
  const wall = new Date(at + offset).toISOString().slice(0, 19)
  if (offset === 0) return `${wall}Z`
  const minutes = Math.round(Math.abs(offset) / 60_000)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** The instant of a time; a day begins at midnight of the calendar's zone. */
export function instantOfWhen(when: When, calendarZone: string): number {
  if (!isDay(when)) return when.at
  const wall = Date.parse(`${when.date}T00:00:00Z`)
  return instantOf(calendarZone, wall) ?? instantMovedLater(calendarZone, wall)
}

/** What an occurrence's id ends with: `20261123T080000Z`, of whole days `20261123`. */
export function stampOf(when: When): string {
  if (isDay(when)) return when.date.replaceAll('-', '')
  return `${new Date(when.at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** The end of an occurrence of this event that starts then. */
export function endAfter({ start, end }: Pick<EventBody, 'start' | 'end'>, then: When): When {
  if (isDay(start) || isDay(end) || isDay(then)) {
    const days = isDay(start) && isDay(end) ? (Date.parse(end.date) - Date.parse(start.date)) / 86_400_000 : 1
    return isDay(then) ? { date: addDays(then.date, days) } : then
  }
  return { at: then.at + (end.at - start.at), timeZone: end.timeZone }
}

/** The day that an instant is in a zone. */
export function dayIn(timeZone: string, at: number): string {
  return new Date(wallOf(timeZone, at)).toISOString().slice(0, 10)
}
