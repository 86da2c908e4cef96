import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkRecurrence, expandSeries } from './series.ts'
import { instantMovedLater, instantOf } from './zone-offsets.ts'

interface GoldenSeries {
  zone: string
  start: string
  lines: string[]
  starts: string[]
}

// Written by python-dateutil, which shares nothing with what is tested here either.
const path = new URL('../../src/formats/recurrence/testdata/golden-sets.json', import.meta.url)
const golden = JSON.parse(readFileSync(path, 'utf8')) as Record<'series' | 'rare' | 'clockChanges', GoldenSeries[]>
const frequentEnough = golden.rare.filter(({ lines }) => !/HOURLY|MINUTELY|SECONDLY/.test(lines.join()))

function expand({ zone, start, lines, starts }: GoldenSeries): string[] {
  const wall = Date.parse(`${start}Z`)
  const at = instantOf(zone, wall) ?? instantMovedLater(zone, wall)
  // Where the list is cut, it says nothing about later times; where it ends, nothing comes in the years after.
  const last = Date.parse(starts.at(-1) ?? '')
  const until = starts.length < 30 ? Math.min(last + 3 * 366 * 86_400_000, Date.UTC(2036, 11, 31)) : last
  const series = { start: { at, timeZone: zone }, recurrence: lines }
  const found = expandSeries(series, { until, calendarZone: zone, gapTimes: 'moved_later' })
  return found.map((when) => ('at' in when ? `${new Date(when.at).toISOString().slice(0, 19)}Z` : when.date))
}

describe('The sandbox’s own expansion', () => {
  it.each(golden.series)(
    'agrees with another about rules, dates and exclusions: $lines from $start in $zone',
    (series) => {
      expect(expand(series)).toEqual(series.starts)
    },
  )

  it.each(frequentEnough)('agrees with another about rare rules: $lines from $start in $zone', (series) => {
    expect(expand(series)).toEqual(series.starts)
  })

  it.each(golden.clockChanges)('agrees with another where the clock changes: $lines from $start in $zone', (series) => {
    expect(expand(series)).toEqual(series.starts)
  })

  it('leaves out what the clock leaves out, or moves it later, as the doubt says', () => {
    const series = {
      zone: 'Europe/Berlin',
      start: { at: Date.parse('2026-03-28T01:30:00Z'), timeZone: 'Europe/Berlin' },
    }
    const lines = ['RRULE:FREQ=DAILY;COUNT=3']
    const days = (gapTimes: 'left_out' | 'moved_later') =>
      expandSeries({ ...series, recurrence: lines }, { until: Date.UTC(2027, 0), calendarZone: 'UTC', gapTimes }).map(
        (when) => ('at' in when ? new Date(when.at).toISOString().slice(5, 16) : ''),
      )
    expect(days('left_out')).toEqual(['03-28T01:30', '03-30T00:30', '03-31T00:30'])
    expect(days('moved_later')).toEqual(['03-28T01:30', '03-29T01:30', '03-30T00:30'])
  })

  it('ends for rules that never meet a day', () => {
    const start = { at: Date.parse('2026-11-23T08:00:00Z'), timeZone: 'Europe/Berlin' }
    const recurrence = ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31']
    const options = { until: Date.UTC(2030, 0), calendarZone: 'UTC', gapTimes: 'left_out' } as const
    expect(expandSeries({ start, recurrence }, options)).toEqual([start])
  })

  it.each([['RRULE:FREQ=FORTNIGHTLY'], ['RRULE:FREQ=DAILY;INTERVAL=0'], ['RRULE:FREQ=DAILY;COUNT=-1'], ['nothing']])(
    'is not asked for %s: such a line is refused',
    (line) => {
      expect(() => checkRecurrence([line], { date: '2026-11-23' })).toThrow('Invalid recurrence rule.')
      expect(() => checkRecurrence(['X-EVOLUTION-ENDDATE:1', 'RDATE:20261124'], { date: '2026-11-23' })).not.toThrow()
    },
  )
})
