import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { dayNumberOf, daysInMonth } from './civil-day.ts'

/** A DATE or DATE-TIME of iCalendar as it is written, before any zone. */
interface WrittenTime {
  /** The wall time, in milliseconds since 1970; of a date, its midnight. */
  wall: number
  isDate: boolean
  isUtc: boolean
}

const FORM = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?$/i

/** Reads `20261123`, `20261123T090000` or `20261123T090000Z`; seconds may be left out. Undefined for anything else and for days that do not exist. */
export function parseWritten(text: string): WrittenTime | undefined {
  const match = FORM.exec(text.trim())
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((n) => Number(n ?? 0))
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  // A leap second is the last one of its minute.
  const time = hour * HOUR_MS + minute * MINUTE_MS + Math.min(second, 59) * SECOND_MS
  return {
    wall: dayNumberOf(year, month, day) * DAY_MS + time,
    isDate: match[4] === undefined,
    isUtc: match[7] !== undefined,
  }
}
