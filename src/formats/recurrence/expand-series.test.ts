import { readFileSync } from 'node:fs'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { expandSeries, type Series } from './expand-series.ts'
import { momentAtWall, momentOnDay } from './moment.ts'

const at = (local: string, zone = 'Europe/Berlin') => momentAtWall(Date.parse(`${local}Z`), zone)
const day = (date: string, zone = 'Europe/Berlin') => momentOnDay(Temporal.PlainDate.from(date), zone)
const window = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') }
const start = at('2026-11-23T09:00')
const end = at('2026-11-23T09:30')

/** The keys of a series, or `quarantined` with the codes of its problems before them. */
function expand(lines: string[], over: Partial<Series> = {}) {
  const expansion = expandSeries({ start, end, lines, ...over }, window)
  const keys = expansion.occurrences.map((occurrence) => occurrence.key)
  return expansion.kind === 'complete' ? keys : ['quarantined', ...expansion.problems.map((p) => p.code), ...keys]
}

interface GoldenSeries {
  zone: string
  start: string
  lines: string[]
  starts: string[]
}
const golden = JSON.parse(readFileSync(new URL('./testdata/golden-sets.json', import.meta.url), 'utf8')) as Record<
  'series' | 'rare' | 'clockChanges',
  GoldenSeries[]
>

describe('series expanded by another implementation', () => {
  it.each(golden.series)('of rules, dates and exclusions: $lines from $start in $zone', (series) => {
    expect(expandGolden(series)).toEqual(series.starts)
  })

  const isTooFrequent = ({ starts }: GoldenSeries) =>
    [...Map.groupBy(starts, (key) => key.slice(0, 10)).values()].some((ofDay) => ofDay.length > 24)

  it.each(golden.rare.filter((series) => !isTooFrequent(series)))(
    'of rare rules: $lines from $start in $zone',
    (series) => {
      expect(expandGolden(series)).toEqual(series.starts)
    },
  )

  it.each(golden.rare.filter(isTooFrequent))(
    'is only named where it repeats more often than hourly: $lines',
    (series) => {
      const first = at(series.start, series.zone)
      const window = { from: new Date(first.at - 1), to: new Date(first.at + 40 * 86_400_000) }
      expect(expandSeries({ start: first, end: first, lines: series.lines }, window)).toMatchObject({
        kind: 'quarantined',
        occurrences: [{ key: series.starts[0] }],
        problems: [{ code: 'rrule_too_frequent' }],
      })
    },
  )

  it.each(golden.clockChanges)('where the clock changes, later in a gap: $lines from $start in $zone', (series) => {
    expect(expandGolden(series)).toEqual(series.starts)
  })

  function expandGolden({ zone, start: from, lines, starts }: GoldenSeries): string[] {
    const first = at(from, zone)
    // Where the list is cut, it says nothing about later times.
    const to = starts.length < 30 ? Date.UTC(2037, 0, 1) : Date.parse(starts.at(-1) ?? '') + 1
    const whole = { from: new Date(first.at - 1), to: new Date(to) }
    const expansion = expandSeries({ start: first, end: first, lines, gaps: 'shift' }, whole)
    expect(expansion.kind).toBe('complete')
    return expansion.occurrences.map((occurrence) => occurrence.key)
  }
})

describe('a series given as lines', () => {
  it('has its own start, whatever else the lines say', () => {
    expect(expand([])).toEqual(['2026-11-23T08:00:00Z'])
    expect(expand(['RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2'])).toEqual(['2026-11-23T08:00:00Z', '2026-11-24T08:00:00Z'])
  })

  it('unites rules and dates, and takes out exclusions of every form', () => {
    expect(
      expand([
        'EXDATE;TZID=America/New_York:20261124T030000',
        'RRULE:FREQ=DAILY;COUNT=6',
        'RRULE:FREQ=WEEKLY;COUNT=2',
        'exdate:20261125T080000Z,20261126T090000',
        'EXDATE;VALUE=DATE:20261127',
        'EXRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261124',
        'RDATE;TZID=W. Europe Standard Time:20261224T100000',
      ]),
    ).toEqual(['2026-11-28T08:00:00Z', '2026-11-30T08:00:00Z', '2026-12-24T09:00:00Z'])
  })

  it('may have single dates only', () => {
    expect(expand(['RDATE:20261201T080000Z,20261203T080000Z'])).toEqual([
      '2026-11-23T08:00:00Z',
      '2026-12-01T08:00:00Z',
      '2026-12-03T08:00:00Z',
    ])
  })

  it('passes over what is not about recurrence, and parts and parameters nobody knows', () => {
    expect(
      expand([
        'X-OWN:1',
        'DTSTART:20200101T000000Z',
        'RRULE;X-EVOLUTION-ENDDATE=20261124T080000Z:FREQ=DAILY;COUNT=2;X-OWN=1',
        'EXDATE;TZID=tzone://Microsoft/Utc;X-OWN="a:b;c":20261124T080000',
      ]),
    ).toEqual(['2026-11-23T08:00:00Z'])
  })

  it('of whole days has dates as keys and ends where days end', () => {
    const { occurrences } = expandSeries(
      {
        start: day('2026-11-23'),
        end: day('2026-11-25'),
        lines: ['RRULE:FREQ=WEEKLY;COUNT=2', 'EXDATE;VALUE=DATE:20261123'],
      },
      window,
    )
    expect(occurrences).toEqual([
      { key: '2026-11-30', startsAt: new Date('2026-11-29T23:00Z'), endsAt: new Date('2026-12-01T23:00Z') },
    ])
  })

  it('knows occurrences that began before the window, and periods with lengths of their own', () => {
    const series = { start, end, lines: ['RDATE;VALUE=PERIOD:20261120T080000Z/P3D'] }
    const late = { from: new Date('2026-11-23T07:59:00Z'), to: new Date('2026-11-23T08:01:00Z') }
    expect(expandSeries(series, late).occurrences).toEqual([
      { key: '2026-11-20T08:00:00Z', startsAt: new Date('2026-11-20T08:00Z'), endsAt: new Date('2026-11-23T08:00Z') },
      { key: '2026-11-23T08:00:00Z', startsAt: new Date('2026-11-23T08:00Z'), endsAt: new Date('2026-11-23T08:30Z') },
    ])
  })

  it('without an end lasts an hour, or a day', () => {
    const length = (from: Series['start']) => {
      const [only] = expandSeries({ start: from, end: null, lines: [] }, window).occurrences
      return only && (only.endsAt.getTime() - only.startsAt.getTime()) / 3_600_000
    }
    expect(length(start)).toBe(1)
    expect(length(day('2026-11-23'))).toBe(24)
  })
})

describe('a series that cannot be expanded', () => {
  it.each([
    ['a rule nobody can read', ['RRULE:FREQ=FORTNIGHTLY', 'RRULE:FREQ=DAILY;COUNT=2'], ['rrule_invalid']],
    ['a calendar other than ours', ['RRULE:RSCALE=CHINESE;FREQ=YEARLY', 'RDATE:20261124T080000Z'], ['rrule_invalid']],
    ['a line without a value', ['RRULE', 'RDATE:20261124T080000Z'], ['line_unreadable']],
    ['a date that is none', ['RDATE:20261345T080000Z,20261124T080000Z'], ['dates_unreadable']],
    ['a zone nobody knows', ['RDATE;TZID=Mars/Olympus:20261124T090000'], ['time_zone_unknown']],
  ])('is quarantined with the occurrences that stand: %s', (_what, lines, codes) => {
    expect(expand(lines)).toEqual(['quarantined', ...codes, '2026-11-23T08:00:00Z', '2026-11-24T08:00:00Z'])
  })

  it('since it has more than 20,000 dates keeps the first of them', () => {
    const dates = Array.from({ length: 21_000 }, (_, i) => new Date(Date.UTC(2026, 10, 23, 8) - (21_000 - i) * 60_000))
    const text = dates.map((date) => date.toISOString().replace(/[-:]|\.000/g, '')).join(',')
    const found = expand([`RDATE:${text.slice(0, 200_000)}`, `RDATE:${text.slice(200_001)}`])
    expect(found.slice(0, 3)).toEqual(['quarantined', 'rrule_too_expensive', 'dates_unreadable'])
    expect(found.length).toBe(2_003)
  })

  it('however the lines are broken never throws', () => {
    for (const line of [
      '',
      ':',
      'RRULE:',
      'RRULE;:',
      'EXDATE;TZID=:',
      'RDATE;VALUE=PERIOD:/',
      'RDATE:\n\0',
      '\ud800',
    ]) {
      expect(expandSeries({ start, end, lines: [line] }, window).occurrences.length).toBe(1)
    }
  })
})
