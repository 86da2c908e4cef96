import { describe, expect, it } from 'vitest'
import { expandRecurrence } from './expand-recurrence.ts'
import { keyOf, momentAtWall } from './moment.ts'
import { createStepBudget, MAX_STEPS } from './step-budget.ts'

const at = (local: string) => momentAtWall(Date.parse(`${local}Z`), 'Europe/Berlin')

describe('a rule that is expensive on purpose', () => {
  const all = (n: number) => Array.from({ length: n }, (_, i) => i).join(',')
  const everySecond = `FREQ=DAILY;BYHOUR=${all(24)};BYMINUTE=${all(60)};BYSECOND=${all(60)}`

  /** What a series in a window of a year costs, in days and times looked at. */
  function costOf(rules: string[], start = at('1970-01-01T00:00'), exclusionRules: string[] = []) {
    const budget = createStepBudget()
    const series = { start, rules, exclusionRules, dates: [], excludedDates: [] }
    const found = expandRecurrence(series, { from: new Date('2026-01-01'), to: new Date('2027-01-01') }, { budget })
    return {
      steps: budget.spent,
      starts: found.starts.length,
      problems: found.problems.map((problem) => problem.code),
      first: found.starts[0] && keyOf(found.starts[0]),
    }
  }

  it.each([
    ['each second, counted', 'FREQ=SECONDLY;COUNT=999999999'],
    ['seconds that never come', 'FREQ=SECONDLY;INTERVAL=2;BYSECOND=1'],
    ['each hour, counted without need', 'FREQ=HOURLY;COUNT=999999999'],
    ['each hour, counted', 'FREQ=HOURLY;COUNT=490000'],
    ['each second of each day, counted', `${everySecond};COUNT=999999999`],
  ])('is stopped within its steps and named: %s', (_what, rule) => {
    const { steps, starts, problems } = costOf([rule])
    expect(problems).toEqual(['rrule_too_expensive'])
    expect(steps).toBeLessThanOrEqual(MAX_STEPS)
    expect(starts).toBeLessThanOrEqual(2_000)
  })

  it.each([
    ['a day that does not exist', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
    ['a sixth Monday', 'FREQ=MONTHLY;BYDAY=6MO'],
    ['a week that is in another month', 'FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6'],
    ['the ninth of one', 'FREQ=DAILY;BYSETPOS=9'],
    ['days that cannot be one', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;BYYEARDAY=366'],
    ['seconds of a day that does not exist', 'FREQ=SECONDLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=30'],
    ['an hour that its interval never meets', 'FREQ=MINUTELY;INTERVAL=1440;BYHOUR=7'],
    ['a million years', 'FREQ=YEARLY;INTERVAL=1000000'],
    ['a million seconds', 'FREQ=SECONDLY;INTERVAL=1000000;BYDAY=MO;BYMONTH=2'],
    ['every list there is', `${everySecond};BYMONTHDAY=31;BYDAY=MO;BYMONTH=2;BYSETPOS=${all(367).slice(2)}`],
  ])('and has hardly any occurrence costs about what its window has: %s', (_what, rule) => {
    const { steps, problems } = costOf([rule])
    expect(problems).toEqual([])
    expect(steps).toBeLessThan(2_500)
  })

  it('shares its steps with the other rules of its series', () => {
    const rules = Array.from({ length: 30 }, (_, i) => `FREQ=SECONDLY;COUNT=${900_000_000 + i}`)
    const { steps, problems } = costOf(rules, undefined, rules)
    expect(steps).toBeLessThanOrEqual(MAX_STEPS)
    expect(new Set(problems)).toEqual(new Set(['rrule_too_expensive']))
  })

  it('of which there are too many is left out and named', () => {
    const rules = Array.from({ length: 21 }, (_, i) => `FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=${i + 1}`)
    expect(costOf(rules)).toMatchObject({ starts: 20, problems: ['rrule_too_expensive'] })
  })

  it('gives its first 2,000 occurrences', () => {
    expect(costOf(['FREQ=HOURLY'], at('2026-09-01T09:00'))).toMatchObject({
      starts: 2_000,
      first: '2026-09-01T07:00:00Z',
      problems: ['rrule_too_expensive'],
    })
  })

  it.each([
    ['each second', 'FREQ=SECONDLY'],
    ['each minute', 'FREQ=MINUTELY'],
    ['each second of each day', everySecond],
  ])('by repeating more often than hourly costs next to nothing and gives nothing: %s', (_what, rule) => {
    const { steps, starts, problems } = costOf([rule], at('2026-06-01T00:00'))
    expect({ starts, problems }).toEqual({ starts: 1, problems: ['rrule_too_frequent'] })
    expect(steps).toBeLessThan(100_000)
  })

  it('is not one that merely began long ago', () => {
    for (const rule of ['FREQ=DAILY', 'FREQ=DAILY;COUNT=1000000']) {
      const { steps, starts, problems } = costOf([rule], at('0001-01-01T09:00'))
      expect({ starts, problems }).toEqual({ starts: 365, problems: [] })
      expect(steps).toBeLessThan(2_500)
    }
    expect(costOf(['FREQ=WEEKLY;BYDAY=MO,WE']).steps).toBeLessThan(600)
    // Every day since then has to be counted.
    expect(costOf(['FREQ=DAILY;COUNT=20600'])).toMatchObject({ starts: 145, problems: [] })
  })
})
