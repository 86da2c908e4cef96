import { DAY_MS, MINUTE_MS } from '../../base/time.ts'
import { instantAtWall } from '../time-zones/zone-clock.ts'
import { type Moment, meantDay, momentAtInstant, startOfDay } from './moment.ts'
import { parseWritten } from './parse-written.ts'

/**
 * The last instant (milliseconds since 1970) that an UNTIL allows for a series that starts at `start`. All three forms are met in the wild
 * and each is read as meant: a date on a timed series includes that whole day, a local time is one of the series' zone. For an all-day series
 * the result is midnight UTC of the last day.
 */
export function parseUntil(text: string, start: Moment): number | undefined {
  const written = parseWritten(text)
  if (written === undefined) return undefined
  const { wall, isDate, isUtc } = written
  if (start.isAllDay) {
    const isEndOfDay = wall % DAY_MS >= DAY_MS - MINUTE_MS
    const isMidnightSomewhere = isUtc && !isDate && !isEndOfDay
    return isMidnightSomewhere ? meantDay(momentAtInstant(wall, 'UTC'), start.timeZone) : startOfDay(wall)
  }
  if (isUtc) return wall
  return instantAtWall(isDate ? wall + DAY_MS - 1_000 : wall, start.timeZone).at
}
