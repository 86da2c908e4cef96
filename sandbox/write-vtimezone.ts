import { Temporal } from 'temporal-polyfill'
import { DAY_MS } from '../src/base/time.ts'
import { compact } from './ics-times.ts'

const YEAR_MS = 366 * DAY_MS
const YEARS_AHEAD = 3

/**
 * The definition of an IANA zone for the times from `from` to three years after `to`. Each change of the clock stands there by
 * itself: a rule for all years would have to be guessed from the zone's data.
 */
export function vtimezoneLines(timeZone: string, from: Date, to: Date): string[] {
  const end = to.getTime() + YEARS_AHEAD * YEAR_MS
  const first = zonedAt(from.getTime() - YEAR_MS, timeZone)
  const changes: Temporal.ZonedDateTime[] = []
  for (let at = first.getTimeZoneTransition('next'); at && at.epochMilliseconds < end; ) {
    changes.push(at)
    at = at.getTimeZoneTransition('next')
  }
  const winter = Math.min(first.offsetNanoseconds, ...changes.map((change) => change.offsetNanoseconds))
  const part = (offsetNanoseconds: number) => (offsetNanoseconds > winter ? 'DAYLIGHT' : 'STANDARD')
  let before = first.offset
  const observances = changes.flatMap((change) => {
    const wall = change.toInstant().toZonedDateTimeISO(before).toPlainDateTime()
    const lines = observanceLines(part(change.offsetNanoseconds), wall, before, change.offset)
    before = change.offset
    return lines
  })
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${timeZone}`,
    ...observanceLines(part(first.offsetNanoseconds), first.toPlainDateTime(), first.offset, first.offset),
    ...observances,
    'END:VTIMEZONE',
  ]
}

function observanceLines(part: string, wall: Temporal.PlainDateTime, before: string, after: string): string[] {
  return [
    `BEGIN:${part}`,
    `DTSTART:${compact(wall.toString({ smallestUnit: 'second' }))}`,
    `TZOFFSETFROM:${before.replaceAll(':', '')}`,
    `TZOFFSETTO:${after.replaceAll(':', '')}`,
    `END:${part}`,
  ]
}

function zonedAt(at: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
}
