import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { isTimeZone } from '../../base/time.ts'
import { isOwnZone } from './own-zone.ts'
import { findTimeZone, resolveTimeZone } from './resolve-time-zone.ts'
import { commonZones } from './windows-zones.ts'
import { instantAtWall } from './zone-clock.ts'
import type { Observance, ZoneDefinition } from './zone-definition.ts'

const now = new Date('2026-11-22T12:00:00Z')

function observance(start: string, before: number, after: number, ...rules: string[]): Observance {
  return {
    start: Temporal.PlainDateTime.from(start),
    offsetBeforeMinutes: before,
    offsetMinutes: after,
    rules,
    dates: [],
  }
}

function define(observances: Observance[], location: string | null = null): ZoneDefinition {
  return { location, observances }
}

const european = (winter: number) =>
  define([
    observance('1601-10-28T03:00', winter + 60, winter, 'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'),
    observance('1601-03-25T02:00', winter, winter + 60, 'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3'),
  ])

describe('a name', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/BERLIN', 'Europe/Berlin'],
    ['"America/Argentina/Buenos_Aires"', 'America/Argentina/Buenos_Aires'],
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['w. europe daylight time 1', 'Europe/Berlin'],
    ['FLE Standard Time', 'Europe/Kiev'],
    ['India Standard Time', 'Asia/Kolkata'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', 'Europe/Berlin'],
    ['/mozilla.org/20050126_1/America/Argentina/Ushuaia', 'America/Argentina/Ushuaia'],
    ['tzone://Microsoft/Utc', 'UTC'],
    ['GMT-07:00', '-07:00'],
    ['UTC+2', '+02:00'],
    ['+0530', '+05:30'],
    ['GMT', 'UTC'],
    ['Z', 'UTC'],
    ['(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna', 'Europe/Amsterdam'],
    ['(UTC-05:00) Eastern Time (US & Canada)', 'America/New_York'],
    ['(GMT+00:00) Dublin, Edinburgh, Lisbon, London', 'Europe/Dublin'],
    ['(UTC) Coordinated Universal Time', 'UTC'],
    ['/Europe/Stockholm', 'Europe/Stockholm'],
    ['/freeassociation.sourceforge.net/Tzfile/Europe/Berlin', 'Europe/Berlin'],
    ['America/New York', 'America/New_York'],
    ['(UTC-05:00) Eastern Time (US and Canada)', 'America/New_York'],
    ['(GMT-05.00) Eastern Time (US & Canada)', 'America/New_York'],
    ['(GMT -05:00) Eastern Time (US &amp; Canada)', 'America/New_York'],
    ['(UTC+01:00) Amsterdam\\, Berlin\\, Bern', 'Europe/Amsterdam'],
    ['UTC+01:00 Stockholm/Berlin', 'Europe/Stockholm'],
    ['(UTC+10:00) Brisbane', 'Australia/Brisbane'],
    ['Eastern Time (US & Canada)', 'America/New_York'],
    ['GMT−03:00', '-03:00'],
  ])('%s means %s', (name, zone) => {
    expect(resolveTimeZone(name, undefined, { now })?.toLowerCase()).toBe(zone.toLowerCase())
  })

  it.each([
    '',
    'Customized Time Zone',
    'tzone://Microsoft/Custom',
    'BST',
    'Mars/Olympus',
    'GMT+99',
    'UTC of somewhere',
    '__proto__',
  ])('nobody knows is not guessed: "%s"', (name) => {
    expect(resolveTimeZone(name, undefined, { now })).toBeUndefined()
  })

  it.each([
    ['(UTC+01:00) Nowhere', '+01:00'],
    ['GMT +0100 (Standard) / GMT +0200 (Daylight)', '+01:00'],
    ['Office time (UTC-3)', '-03:00'],
    ['Europe/Berlin (CET)', 'Europe/Berlin'],
    ['Central Time (America/Chicago)', 'America/Chicago'],
    ['Europe/Vienna 2', 'Europe/Vienna'],
    ['Mitteleuropäische Zeit', 'Europe/Berlin'],
    ['heure normale d’Europe centrale', 'Europe/Berlin'],
    ['Eastern Time', 'America/New_York'],
    ['Vienna', 'Europe/Vienna'],
  ])('that lets one guess is listed as a guess: %s', (name, zone) => {
    expect(findTimeZone(name, undefined, { now })).toEqual({ zone, isGuess: true })
  })

  it('of an American winter is a guess, since it often means the whole year', () => {
    expect(findTimeZone('EST', undefined, { now })?.isGuess).toBe(true)
    expect(findTimeZone('CET', undefined, { now })?.isGuess).toBe(false)
  })

  it('in the table always stands for a zone that exists', () => {
    expect(commonZones().filter((zone) => !isTimeZone(zone))).toEqual([])
    expect(commonZones().length).toBeGreaterThan(120)
  })
})

describe('a definition', () => {
  it('is matched by its behaviour', () => {
    expect(resolveTimeZone('Customized Time Zone', european(60), { now })).toBe('Europe/Berlin')
  })

  it('that no zone fits counts itself, with its own offsets in winter and summer', () => {
    const zone = resolveTimeZone('Customized Time Zone', european(180), { now }) ?? ''
    expect(isOwnZone(zone)).toBe(true)
    const noon = (date: string) => instantAtWall(Date.parse(`${date}T12:00:00Z`), zone).at
    expect(new Date(noon('2026-12-01')).toISOString()).toBe('2026-12-01T09:00:00.000Z')
    expect(new Date(noon('2027-07-01')).toISOString()).toBe('2027-07-01T08:00:00.000Z')
    expect(new Date(noon('2036-12-01')).toISOString()).toBe('2036-12-01T09:00:00.000Z')
    expect(findTimeZone('(UTC+05:00) Somewhere', european(180), { now })).toEqual({ zone, isGuess: false })
  })

  it('of several eras counts with the latest one only', () => {
    const eras = define([
      observance('1671-10-29T02:00', -240, -300, 'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'),
      observance('1671-04-04T02:00', -300, -240, 'FREQ=YEARLY;BYDAY=1SU;BYMONTH=4'),
      observance('2007-11-04T02:00', -240, -300, 'FREQ=YEARLY;BYDAY=1SU;BYMONTH=11'),
      observance('2007-03-11T02:00', -300, -240, 'FREQ=YEARLY;BYDAY=2SU;BYMONTH=3'),
    ])
    expect(resolveTimeZone('Customized Time Zone 1', eras, { now })).toBe('America/New_York')
  })

  it('whose offsets no place on Earth has says nothing', () => {
    const odd = define([
      observance('2020-03-01T02:00', 1_200, 1_260, 'FREQ=YEARLY;BYMONTH=3;BYDAY=1SU'),
      observance('2020-10-01T02:00', 1_260, 1_200, 'FREQ=YEARLY;BYMONTH=10;BYDAY=1SU'),
    ])
    expect(resolveTimeZone('x', odd, { now })).toBeUndefined()
  })

  it('of a zone with other dates of change is told from its neighbours', () => {
    const american = define([
      observance('2007-03-11T02:00', -300, -240, 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'),
      observance('2007-11-04T02:00', -240, -300, 'FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'),
    ])
    expect(resolveTimeZone('Meine Zone', american, { now })).toBe('America/New_York')
  })

  it('prefers the calendar’s own zone among those that behave alike', () => {
    expect(resolveTimeZone('x', european(60), { now, preferred: ['Europe/Vienna'] })).toBe('Europe/Vienna')
  })

  it('without any change is a fixed offset', () => {
    expect(resolveTimeZone('x', define([observance('1970-01-01T00:00', 345, 345)]), { now })).toBe('+05:45')
  })

  it('that says what it is called elsewhere is believed', () => {
    expect(resolveTimeZone('x', define([], 'Asia/Tokyo'), { now })).toBe('Asia/Tokyo')
  })

  it('decides over an abbreviation, and the abbreviation counts where it stands alone', () => {
    const eastern = define([
      observance('2007-03-11T02:00', -300, -240, 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'),
      observance('2007-11-04T02:00', -240, -300, 'FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'),
    ])
    expect(resolveTimeZone('EST', eastern, { now })).toBe('America/New_York')
    expect(resolveTimeZone('CET', undefined, { now })).toBe('CET')
  })

  it('that changes by the minute is given up', () => {
    expect(
      resolveTimeZone('x', define([observance('2020-01-01T00:00', 0, 60, 'FREQ=MINUTELY')]), { now }),
    ).toBeUndefined()
  })

  it('with nothing in it says nothing', () => {
    expect(resolveTimeZone('x', define([]), { now })).toBeUndefined()
  })
})
