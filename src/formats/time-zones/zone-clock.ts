import { Temporal } from 'temporal-polyfill'
import { DAY_MS } from '../../base/time.ts'
import { civilDayOf, dayNumberOf } from '../recurrence/civil-day.ts'
import { isOwnZone, parseOwnZone, type Stretch } from './own-zone.ts'

/** Before standard time there were no changes of the clock; from then on each year of a zone is looked up once. */
const FIRST_YEAR = 1880
/** Zones times years that are remembered; about 100 bytes each. */
const MAX_REMEMBERED = 20_000
/** A change of the clock in the days around a year counts for its first and last hours. */
const MARGIN_MS = 3 * DAY_MS

const remembered = new Map<string, readonly Stretch[]>()

/** What a wall clock of the zone shows at an instant, in milliseconds since 1970 without zone. Throws RangeError for a zone nobody knows. */
export function wallAtInstant(at: number, timeZone: string): number {
  return at + offsetIn(stretchesOf(timeZone, civilDayOf(Math.floor(at / DAY_MS)).year), at)
}

/**
 * When a wall clock of the zone shows this. Of a repeated hour the first counts; a time that the clock skips is read with the offset
 * before the gap (RFC 5545, 3.3.5), and `isInGap` says so. Throws RangeError for a zone nobody knows.
 */
export function instantAtWall(wall: number, timeZone: string): { at: number; isInGap: boolean } {
  const stretches = stretchesOf(timeZone, civilDayOf(Math.floor(wall / DAY_MS)).year)
  let before = stretches[0] as Stretch
  for (const [i, stretch] of stretches.entries()) {
    const at = wall - stretch.offsetMs
    if (at < stretch.from) break
    if (at < (stretches[i + 1]?.from ?? Number.POSITIVE_INFINITY)) return { at, isInGap: false }
    before = stretch
  }
  return { at: wall - before.offsetMs, isInGap: true }
}

function offsetIn(stretches: readonly Stretch[], at: number): number {
  let offsetMs = stretches[0]?.offsetMs ?? 0
  for (const stretch of stretches) if (stretch.from <= at) offsetMs = stretch.offsetMs
  return offsetMs
}

/** The stretches that touch a year; the first one reaches back without end. */
function stretchesOf(timeZone: string, givenYear: number): readonly Stretch[] {
  const year = Math.max(givenYear, FIRST_YEAR)
  const key = `${timeZone} ${year}`
  const known = remembered.get(key)
  if (known !== undefined) return known
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const stretches = lookUp(timeZone, year)
  remembered.set(key, stretches)
  return stretches
}

function lookUp(timeZone: string, year: number): Stretch[] {
  if (isOwnZone(timeZone)) return parseOwnZone(timeZone)
  const from = dayNumberOf(year, 1, 1) * DAY_MS - MARGIN_MS
  const to = dayNumberOf(year + 1, 1, 1) * DAY_MS + MARGIN_MS
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone)
  const stretches = [{ from: Number.NEGATIVE_INFINITY, offsetMs: at.offsetNanoseconds / 1e6 }]
  for (at = at.getTimeZoneTransition('next'); at !== null && at.epochMilliseconds < to; ) {
    stretches.push({ from: at.epochMilliseconds, offsetMs: at.offsetNanoseconds / 1e6 })
    at = at.getTimeZoneTransition('next')
  }
  return stretches
}
