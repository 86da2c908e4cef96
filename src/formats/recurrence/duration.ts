import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import { type Moment, momentAtWall, wallOf, withWall } from './moment.ts'

/** How long something lasts: days by the calendar and then exact time, since a day is not always 24 hours. */
export interface Duration {
  days: number
  ms: number
}

/** What claims to last longer is a slip of its maker. */
const MAX_DAYS = 3_660

/** Reads `PT1H30M`, `P1D`, `P2W`. Undefined for anything else, for negative ones and for those beyond ten years. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^\+?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?$/i.exec(
    text.trim(),
  )
  if (!match || !/\d/.test(text)) return undefined
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const duration = { days: weeks * 7 + days, ms: hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS }
  return longest(duration) > MAX_DAYS * DAY_MS ? undefined : duration
}

/** When something of this duration ends. A whole day ends where a day begins. */
export function endOf(start: Moment, duration: Duration): number {
  if (start.isAllDay) {
    const days = Math.max(1, duration.days + Math.ceil(duration.ms / DAY_MS))
    return withWall(start, wallOf(start) + days * DAY_MS).at
  }
  if (duration.days === 0) return start.at + duration.ms
  return momentAtWall(wallOf(start) + duration.days * DAY_MS, start.timeZone).at + duration.ms
}

/** The duration between a start and an end as written; undefined if the end does not come after the start or comes ten years later. */
export function durationBetween(start: Moment, end: Moment): Duration | undefined {
  const ms = end.at - start.at
  if (ms < 0 || ms > MAX_DAYS * DAY_MS) return undefined
  // Rounded, because a day with a change of the clock has 23 or 25 hours.
  if (start.isAllDay) return { days: end.isAllDay ? Math.round(ms / DAY_MS) : Math.ceil(ms / DAY_MS), ms: 0 }
  return { days: 0, ms }
}

/** An upper bound in milliseconds, with the hour that a change of the clock can add. */
export function longest(duration: Duration): number {
  return duration.days * DAY_MS + duration.ms + (duration.days > 0 ? HOUR_MS : 0)
}
