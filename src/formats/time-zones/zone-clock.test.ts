import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, it } from 'vitest'
import { civilDayOf, dayNumberOf, weekdayOf } from '../recurrence/civil-day.ts'
import { instantAtWall, wallAtInstant } from './zone-clock.ts'

const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
  '-07:00',
)
const time = fc.oneof(
  fc.integer({ min: Date.UTC(1850, 0, 1), max: Date.UTC(2100, 0, 1) }),
  // Around changes of the clock of 2026.
  fc
    .constantFrom(
      Date.UTC(2026, 2, 8, 7),
      Date.UTC(2026, 2, 29, 1),
      Date.UTC(2026, 9, 25, 1),
      Date.UTC(2026, 3, 5, 15),
      Date.UTC(2011, 11, 30, 10),
    )
    .chain((at) => fc.integer({ min: at - 90_000_000, max: at + 90_000_000 })),
)

it('a clock shows what the zone data says, and is read as RFC 5545 reads it', () => {
  fc.assert(
    fc.property(zone, time, (timeZone, at) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
      const wall = zoned.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds
      if (zoned.year > 1900) expect(wallAtInstant(at, timeZone)).toBe(wall)
      const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDateTime()
      const read = local.toZonedDateTime(timeZone)
      const found = instantAtWall(at, timeZone)
      if (local.year > 1900) {
        expect(found.at).toBe(read.epochMilliseconds)
        expect(found.isInGap).toBe(!read.toPlainDateTime().equals(local))
      }
    }),
    { numRuns: 2_000 },
  )
})

it('a zone nobody knows is a RangeError', () => {
  expect(() => wallAtInstant(0, 'Mars/Olympus')).toThrow(RangeError)
})

it('days have the numbers of the Gregorian calendar', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 3_000_000 }), (day) => {
      const date = new Date(day * 86_400_000)
      const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
      expect(civilDayOf(day)).toEqual(civil)
      expect(dayNumberOf(civil.year, civil.month, civil.day)).toBe(day)
      expect(weekdayOf(day)).toBe((date.getUTCDay() + 6) % 7)
    }),
  )
  expect(dayNumberOf(2026, 14, 0)).toBe(dayNumberOf(2027, 1, 31))
  expect(dayNumberOf(2026, -1, 1)).toBe(dayNumberOf(2025, 11, 1))
})
