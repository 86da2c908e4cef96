import { readFileSync } from 'node:fs'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { expandRecurrence, type Recurrence } from './expand-recurrence.ts'
import type { GapPolicy } from './expand-rule.ts'
import { keyOf, momentAtWall, momentOnDay } from './moment.ts'

const golden = JSON.parse(readFileSync(new URL('./testdata/golden-rules.json', import.meta.url), 'utf8')) as {
  rules: { zone: string; start: string; rule: string; starts: string[] }[]
}

const at = (local: string, zone = 'Europe/Berlin') =>
  momentAtWall(Temporal.PlainDateTime.from(local).toZonedDateTime('UTC').epochMilliseconds, zone)
const day = (date: string, zone = 'Europe/Berlin') => momentOnDay(Temporal.PlainDate.from(date), zone)

/** The keys of a series in a window given as two days in UTC. */
function keys(
  recurrence: Partial<Recurrence> & Pick<Recurrence, 'start'>,
  from = '2026-01-01',
  to = '2027-01-01',
  gaps: GapPolicy = 'skip',
) {
  const whole = { rules: [], exclusionRules: [], dates: [], excludedDates: [], ...recurrence }
  const { starts, problems } = expandRecurrence(whole, { from: new Date(from), to: new Date(to) }, { gaps })
  return { keys: starts.map(keyOf), problems: problems.map((problem) => problem.code) }
}

describe('rules expanded by another implementation', () => {
  it.each(golden.rules)('$rule from $start in $zone', ({ zone, start, rule, starts }) => {
    const first = at(start, zone)
    const end =
      starts.length < 40 ? new Date('2037-01-01T00:00:00Z') : new Date(Date.parse(starts.at(-1) ?? '') + 1_000)
    const window = { from: new Date(first.at), to: end }
    const found = expandRecurrence(
      { start: first, rules: [rule], exclusionRules: [], dates: [], excludedDates: [] },
      window,
    )
    expect(found.starts.map(keyOf)).toEqual(starts)
    // A window in the middle gives the same occurrences as the whole.
    const middle = { from: new Date(starts[Math.floor(starts.length / 2)] ?? 0), to: end }
    const later = expandRecurrence(
      { start: first, rules: [rule], exclusionRules: [], dates: [], excludedDates: [] },
      middle,
    )
    expect(later.starts.map(keyOf)).toEqual(starts.slice(Math.floor(starts.length / 2)))
  })
})

describe('a series', () => {
  it('keeps its wall time when the clocks change', () => {
    const start = at('2026-03-22T09:00', 'Europe/London')
    expect(keys({ start, rules: ['FREQ=WEEKLY;COUNT=3'] }).keys).toEqual([
      '2026-03-22T09:00:00Z',
      '2026-03-29T08:00:00Z',
      '2026-04-05T08:00:00Z',
    ])
  })

  it('leaves out, and does not count, a time that the clock skips', () => {
    const start = at('2026-03-28T02:30')
    expect(keys({ start, rules: ['FREQ=DAILY;COUNT=3'] }).keys).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ])
  })

  it('whose provider moves such a time on has it later, and counts it', () => {
    const series = { start: at('2026-03-28T02:30'), rules: ['FREQ=DAILY;COUNT=3'] }
    expect(keys(series, undefined, undefined, 'shift').keys).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-30T00:30:00Z',
    ])
    const until = { start: at('2026-03-28T02:30'), rules: ['FREQ=DAILY;UNTIL=20260329T010000Z'] }
    expect(keys(until, undefined, undefined, 'shift').keys).toEqual(['2026-03-28T01:30:00Z'])
  })

  it('takes the first of a repeated hour', () => {
    const start = at('2026-10-24T02:30')
    expect(keys({ start, rules: ['FREQ=DAILY;COUNT=3'] }).keys).toEqual([
      '2026-10-24T00:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ])
  })

  it('includes a start that no rule gives, as the first of COUNT', () => {
    const start = at('2026-11-23T09:00')
    expect(keys({ start, rules: ['FREQ=WEEKLY;BYDAY=TU;COUNT=3'] }).keys).toEqual([
      '2026-11-23T08:00:00Z',
      '2026-11-24T08:00:00Z',
      '2026-12-01T08:00:00Z',
    ])
    expect(keys({ start, rules: ['FREQ=WEEKLY;BYDAY=TU;UNTIL=20261125T000000Z'] }).keys).toEqual([
      '2026-11-23T08:00:00Z',
      '2026-11-24T08:00:00Z',
    ])
  })

  it('unites several rules and single dates, each start once', () => {
    const start = at('2026-11-23T09:00')
    const rules = ['FREQ=WEEKLY;COUNT=2', 'FREQ=WEEKLY;BYDAY=WE,MO;COUNT=3']
    expect(keys({ start, rules, dates: [at('2026-11-27T15:00'), at('2026-11-30T09:00')] }).keys).toEqual([
      '2026-11-23T08:00:00Z',
      '2026-11-25T08:00:00Z',
      '2026-11-27T14:00:00Z',
      '2026-11-30T08:00:00Z',
    ])
  })

  it('may consist of single dates only', () => {
    expect(keys({ start: at('2026-11-23T09:00'), dates: [at('2026-12-24T09:00')] }).keys).toEqual([
      '2026-11-23T08:00:00Z',
      '2026-12-24T08:00:00Z',
    ])
  })

  it('takes out what EXRULE gives, the start included', () => {
    const start = at('2026-11-23T09:00')
    expect(keys({ start, rules: ['FREQ=DAILY;COUNT=4'], exclusionRules: ['FREQ=DAILY;INTERVAL=2'] }).keys).toEqual([
      '2026-11-24T08:00:00Z',
      '2026-11-26T08:00:00Z',
    ])
  })

  it('takes out exclusions in another zone, in UTC, and of a whole day', () => {
    const start = at('2026-11-23T09:00')
    const excludedDates = [
      at('2026-11-23T03:00', 'America/New_York'),
      at('2026-11-24T08:00', 'UTC'),
      day('2026-11-25'),
      at('2026-11-26T10:00'),
    ]
    expect(keys({ start, rules: ['FREQ=DAILY;COUNT=4'], excludedDates }).keys).toEqual(['2026-11-26T08:00:00Z'])
  })
})

describe('UNTIL', () => {
  const start = at('2026-11-23T20:00', 'America/Los_Angeles')
  it.each([
    ['a date, that day included', '20261125'],
    ['UTC, compared as an instant', '20261126T040000Z'],
    ['a local time in the zone of the series', '20261125T200000'],
  ])('may be %s', (_form, until) => {
    expect(keys({ start, rules: [`FREQ=DAILY;UNTIL=${until}`] }).keys).toEqual([
      '2026-11-24T04:00:00Z',
      '2026-11-25T04:00:00Z',
      '2026-11-26T04:00:00Z',
    ])
  })

  it.each(['20261125', '20261124T230000Z', '20261125T000000Z', '20261125T235959Z', '20261125T120000'])(
    'of an all-day series may be %s',
    (until) => {
      expect(keys({ start: day('2026-11-24'), rules: [`FREQ=DAILY;UNTIL=${until}`] }).keys).toEqual([
        '2026-11-24',
        '2026-11-25',
      ])
    },
  )
})

describe('UNTIL before the start', () => {
  it.each(['20261122', '20261101T000000Z', '20200101T000000'])('leaves the start: %s', (until) => {
    const timed = keys({ start: at('2026-11-23T09:00'), rules: [`FREQ=DAILY;UNTIL=${until}`] })
    expect(timed).toEqual({ keys: ['2026-11-23T08:00:00Z'], problems: [] })
    expect(keys({ start: day('2026-11-23'), rules: [`FREQ=DAILY;UNTIL=${until}`] }).keys).toEqual(['2026-11-23'])
  })
})

describe('an all-day series', () => {
  it('has days as keys and begins at midnight of its zone, also where midnight is skipped', () => {
    const start = day('2026-09-05', 'America/Santiago')
    const { starts } = expandRecurrence(
      { start, rules: ['FREQ=DAILY;COUNT=3'], exclusionRules: [], dates: [], excludedDates: [] },
      { from: new Date('2026-09-01'), to: new Date('2026-10-01') },
    )
    expect(starts.map(keyOf)).toEqual(['2026-09-05', '2026-09-06', '2026-09-07'])
    expect(starts.map((moment) => new Date(moment.at).toISOString())).toEqual([
      '2026-09-05T04:00:00.000Z',
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ])
  })

  it('takes exclusions written as a day, as midnight of the zone in UTC, and as midnight UTC', () => {
    const excludedDates = [day('2026-11-23'), at('2026-11-23T23:00', 'UTC'), at('2026-11-25T00:00', 'UTC')]
    expect(keys({ start: day('2026-11-23'), rules: ['FREQ=DAILY;COUNT=4'], excludedDates }).keys).toEqual([
      '2026-11-26',
    ])
  })

  it('ignores times of day in its rule', () => {
    expect(keys({ start: day('2026-11-23'), rules: ['FREQ=WEEKLY;BYHOUR=9;BYMINUTE=30;COUNT=2'] }).keys).toEqual([
      '2026-11-23',
      '2026-11-30',
    ])
  })
})

describe('a rule that cannot be read', () => {
  it.each(['FREQ=FORTNIGHTLY', 'FREQ=YEARLY;RSCALE=CHINESE', 'COUNT=3', ''])('leaves the start: %s', (rule) => {
    expect(keys({ start: at('2026-11-23T09:00'), rules: [rule] })).toEqual({
      keys: ['2026-11-23T08:00:00Z'],
      problems: ['rrule_invalid'],
    })
  })

  it.each([
    ['FREQ=DAILY;COUNT=-1', 'FREQ=DAILY'],
    ['FREQ=DAILY;COUNT=0', 'FREQ=DAILY'],
    ['FREQ=DAILY;INTERVAL=0;COUNT=3', 'FREQ=DAILY;COUNT=3'],
    ['FREQ=DAILY;INTERVAL=99999999999999999999', 'FREQ=DAILY'],
    ['FREQ=WEEKLY;BYDAY=XX', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY;BYDAY=MO,XX,FR', 'FREQ=WEEKLY;BYDAY=MO,FR'],
    ['FREQ=WEEKLY;BYDAY=MO;WKST=1', 'FREQ=WEEKLY;BYDAY=MO'],
    ['FREQ=DAILY;UNTIL=tomorrow', 'FREQ=DAILY'],
    ['FREQ=DAILY;UNTIL=20261345;COUNT=2', 'FREQ=DAILY;COUNT=2'],
    ['FREQ=DAILY;BYMONTH=13', 'FREQ=DAILY'],
    ['FREQ=MONTHLY;BYMONTHDAY=0,23', 'FREQ=MONTHLY;BYMONTHDAY=23'],
    ['FREQ=DAILY;BYHOUR=9,24', 'FREQ=DAILY;BYHOUR=9'],
  ])('in part loses that part only: %s', (rule, rest) => {
    const start = at('2026-11-23T09:00')
    expect(keys({ start, rules: [rule] })).toEqual({
      keys: keys({ start, rules: [rest] }).keys,
      problems: ['rrule_invalid'],
    })
  })

  it('in part takes nothing out, since without that part it would take out too much', () => {
    const start = at('2026-11-23T09:00')
    const found = keys({ start, rules: ['FREQ=DAILY;COUNT=3'], exclusionRules: ['FREQ=DAILY;UNTIL=tomorrow'] })
    expect(found.keys).toHaveLength(3)
    expect(found.problems).toEqual(['rrule_invalid'])
  })

  it('does not cost the other rules', () => {
    const found = keys({ start: at('2026-11-23T09:00'), rules: ['FREQ=BAD', 'FREQ=DAILY;COUNT=2'] })
    expect(found).toEqual({ keys: ['2026-11-23T08:00:00Z', '2026-11-24T08:00:00Z'], problems: ['rrule_invalid'] })
  })

  it('may carry parts nobody knows', () => {
    expect(keys({ start: at('2026-11-23T09:00'), rules: ['FREQ=DAILY;COUNT=2;X-OWN=1'] }).problems).toEqual([])
  })
})

describe('weeks of a year', () => {
  it('are numbered as ISO 8601 does, 53 in some years, and otherwise by WKST', () => {
    const start = at('2018-01-01T09:00', 'UTC')
    const last = { start, rules: ['FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO'] }
    expect(keys(last, '2018-01-01', '2034-01-01').keys.slice(1)).toEqual([
      '2020-12-28T09:00:00Z',
      '2026-12-28T09:00:00Z',
      '2032-12-27T09:00:00Z',
    ])
    const bySunday = { start, rules: ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU'] }
    expect(keys(bySunday, '2025-12-01', '2028-01-30').keys).toEqual([
      '2026-01-04T09:00:00Z',
      '2027-01-03T09:00:00Z',
      '2028-01-02T09:00:00Z',
    ])
  })
})
