import type { Temporal } from 'temporal-polyfill'
import { DAY_MS } from '../../base/time.ts'
import { instantAtWall, wallAtInstant } from '../time-zones/zone-clock.ts'

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

/**
 * A wall time, in milliseconds since 1970 as if in UTC. In a gap it is read with the offset before the gap; of a repeated hour the first counts
 * (RFC 5545, 3.3.5).
 */
export function momentAtWall(wall: number, timeZone: string): Moment {
  return { at: instantAtWall(wall, timeZone).at, timeZone, isAllDay: false }
}

/** A whole day. */
export function momentOnDay(day: Temporal.PlainDate, timeZone: string): Moment {
  return momentOnWallDay(day.toZonedDateTime('UTC').epochMilliseconds, timeZone)
}

/** The whole day in which a wall time falls. */
export function momentOnWallDay(wall: number, timeZone: string): Moment {
  return { at: instantAtWall(startOfDay(wall), timeZone).at, timeZone, isAllDay: true }
}

/** The wall time of a moment in its own zone; midnight for a whole day, even where the day begins at one o'clock. */
export function wallOf(moment: Moment): number {
  const wall = wallAtInstant(moment.at, moment.timeZone)
  return moment.isAllDay ? startOfDay(wall) : wall
}

/** The same kind of moment at another wall time of the same zone. */
export function withWall(moment: Moment, wall: number): Moment {
  return moment.isAllDay ? momentOnWallDay(wall, moment.timeZone) : momentAtWall(wall, moment.timeZone)
}

/** The occurrence key: `2026-11-23T09:00:00Z`, or the date of a whole day. */
export function keyOf(moment: Moment): string {
  const text = new Date(moment.isAllDay ? wallOf(moment) : moment.at).toISOString()
  return moment.isAllDay ? text.slice(0, text.indexOf('T')) : text.replace(/\.\d+Z$/, 'Z')
}

/**
 * The day that is meant where a whole day was expected, as its midnight by the wall clock. Makers that write an instant instead mean either
 * midnight in the calendar's zone or the date as written, at midnight UTC.
 */
export function meantDay(moment: Moment, calendarZone: string): number {
  const wall = wallOf(moment)
  const isAsWritten = moment.isAllDay || moment.timeZone !== 'UTC' || wall === startOfDay(wall)
  return startOfDay(isAsWritten ? wall : wallAtInstant(moment.at, calendarZone))
}

/** Midnight of the day in which a wall time falls. */
export function startOfDay(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS
}
