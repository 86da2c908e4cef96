import { Temporal } from 'temporal-polyfill'

/** When something starts: an instant with the zone in which it was written, or a whole day in the calendar's zone. */
export interface Moment {
  /** Milliseconds since 1970; of a whole day, its first instant in the zone. */
  at: number
  timeZone: string
  isAllDay: boolean
}

/** An exact instant, shown in a zone. */
export function momentAtInstant(at: number, timeZone: string): Moment {
  return { at, timeZone, isAllDay: false }
}

/** A wall time. In a gap it is read with the offset before the gap; of a repeated hour the first counts (RFC 5545, 3.3.5). */
export function momentAtLocal(local: Temporal.PlainDateTime, timeZone: string): Moment {
  return { at: local.toZonedDateTime(timeZone).epochMilliseconds, timeZone, isAllDay: false }
}

/** A whole day. */
export function momentOnDay(day: Temporal.PlainDate, timeZone: string): Moment {
  return { at: day.toZonedDateTime(timeZone).epochMilliseconds, timeZone, isAllDay: true }
}

/** The wall time of a moment in its own zone; midnight for a whole day, even where the day begins at one o'clock. */
export function localOf(moment: Moment): Temporal.PlainDateTime {
  const local = Temporal.Instant.fromEpochMilliseconds(moment.at).toZonedDateTimeISO(moment.timeZone).toPlainDateTime()
  return moment.isAllDay ? local.withPlainTime() : local
}

/** The same kind of moment at another wall time of the same zone. */
export function withLocal(moment: Moment, local: Temporal.PlainDateTime): Moment {
  return moment.isAllDay ? momentOnDay(local.toPlainDate(), moment.timeZone) : momentAtLocal(local, moment.timeZone)
}

/** The occurrence key: `2026-11-23T09:00:00Z`, or the date of a whole day. */
export function keyOf(moment: Moment): string {
  if (moment.isAllDay) return localOf(moment).toPlainDate().toString()
  return new Date(moment.at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/**
 * The day (YYYY-MM-DD) that is meant where a whole day was expected. Makers that write an instant instead mean either midnight
 * in the calendar's zone or the date as written, at midnight UTC.
 */
export function meantDay(moment: Moment, calendarZone: string): string {
  if (moment.isAllDay) return keyOf(moment)
  const asWritten = localOf(moment)
  if (moment.timeZone !== 'UTC' || asWritten.toPlainTime().equals('00:00')) return asWritten.toPlainDate().toString()
  return localOf({ ...moment, timeZone: calendarZone })
    .toPlainDate()
    .toString()
}
