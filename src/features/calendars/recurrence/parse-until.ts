import { Temporal } from 'temporal-polyfill'
import { type Moment, meantDay, momentAtInstant } from './moment.ts'

const FORM = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z?))?$/i

/**
 * The last instant an UNTIL allows for a series that starts at `start`. All three forms are met in the wild and each is
 * read as meant: a date on a timed series includes that whole day, a local time is one of the series' zone. For an all-day series
 * the result is midnight UTC of the last day.
 */
export function parseUntil(text: string, start: Moment): Temporal.ZonedDateTime | undefined {
  const match = FORM.exec(text.trim())
  if (!match) return undefined
  try {
    const [, year, month, day, hour, minute, second = '00', utc] = match
    const date = Temporal.PlainDate.from(`${year}-${month}-${day}`)
    const local =
      hour === undefined ? date.toPlainDateTime('23:59:59') : date.toPlainDateTime(`${hour}:${minute}:${second}`)
    if (start.isAllDay) return Temporal.PlainDate.from(lastDay(date, local, utc, start.timeZone)).toZonedDateTime('UTC')
    return local.toZonedDateTime(utc ? 'UTC' : start.timeZone).withTimeZone(start.timeZone)
  } catch {
    return undefined
  }
}

function lastDay(
  date: Temporal.PlainDate,
  local: Temporal.PlainDateTime,
  utc: string | undefined,
  zone: string,
): string {
  const isEndOfDay = local.hour === 23 && local.minute === 59
  if (!utc || isEndOfDay) return date.toString()
  return meantDay(momentAtInstant(local.toZonedDateTime('UTC').epochMilliseconds, 'UTC'), zone)
}
