import { Temporal } from 'temporal-polyfill'
import { type Moment, momentAtInstant, momentOnDay } from '../../../../formats/recurrence/moment.ts'
import { resolveTimeZone } from '../../../../formats/time-zones/resolve-time-zone.ts'
import type { EventTime } from './event-resource.ts'

/** A time of an event with the zone whose wall clock it keeps. */
export interface ReadTime {
  moment: Moment
  /** As it was written: null for whole days. */
  zone: string | null
  /** A name that nobody knows, in place of which the calendar's zone was taken. */
  unknownZone?: string
}

/**
 * Reads `start`, `end` and `originalStartTime`. Whole days are days of the calendar's zone. Undefined if it is no time: neither form, or
 * both.
 */
export function readTime(time: EventTime | undefined, calendarZone: string): ReadTime | undefined {
  if (time === undefined || (time.date === undefined) === (time.dateTime === undefined)) return undefined
  try {
    if (time.date !== undefined)
      return { moment: momentOnDay(Temporal.PlainDate.from(time.date), calendarZone), zone: null }
    const zone = time.timeZone === undefined ? undefined : resolveTimeZone(time.timeZone)
    const at = instantOf(time.dateTime ?? '', zone ?? calendarZone)
    const moment = momentAtInstant(at, zone ?? calendarZone)
    if (time.timeZone !== undefined && zone === undefined) return { moment, zone: null, unknownZone: time.timeZone }
    return { moment, zone: zone ?? null }
  } catch {
    return undefined
  }
}

/** With an offset as Google always writes it, or else a wall time of the zone; fractions of seconds do not count. */
function instantOf(text: string, zone: string): number {
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)
  const at = hasOffset
    ? Temporal.Instant.from(text).epochMilliseconds
    : Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds
  return Math.floor(at / 1000) * 1000
}
