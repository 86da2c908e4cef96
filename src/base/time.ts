import { Temporal } from 'temporal-polyfill'

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** Whether this is a zone of the IANA database (or an offset such as +05:30) that this machine knows. */
export function isTimeZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

/** The day (YYYY-MM-DD) on which an instant falls in a zone. */
export function dayOf(at: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** From its first instant in the easternmost zones (UTC+13) on, a whole day may begin; in the westernmost (UTC-10) it does so 23 hours later. */
const EASTERNMOST_MS = 13 * HOUR_MS

/** The date of a whole day, for readers everywhere, from its first instant in whichever zone it was written. */
export function dateOfWholeDay(startsAt: Date): string {
  return dayOf(new Date(startsAt.getTime() + EASTERNMOST_MS), 'UTC')
}

/** The span of instants at which a whole day of this date (YYYY-MM-DD) may begin, see `dateOfWholeDay`. */
export function boundsOfWholeDay(day: string): { from: Date; to: Date } {
  const from = new Date(Date.parse(`${day}T00:00:00Z`) - EASTERNMOST_MS)
  return { from, to: new Date(from.getTime() + DAY_MS) }
}

/** The instants at which a day (YYYY-MM-DD) begins and the next one begins; 23 to 25 hours apart. */
export function boundsOfDay(day: string, timeZone: string): { from: Date; to: Date } {
  const date = Temporal.PlainDate.from(day)
  const startOf = (d: Temporal.PlainDate) => new Date(d.toZonedDateTime(timeZone).epochMilliseconds)
  return { from: startOf(date), to: startOf(date.add({ days: 1 })) }
}

/** The day after (or, negative, before) a day. */
export function addDays(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString()
}

/** True for a calendar day written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  try {
    Temporal.PlainDate.from(text)
    return true
  } catch {
    return false
  }
}
