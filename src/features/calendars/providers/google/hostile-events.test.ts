import { expect, test } from 'vitest'
import { expandEvents } from './expand-events.ts'
import { readItem } from './read-item.ts'

const window = { from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-12-20T00:00:00Z') }
const options = { window, ownerEmail: 'ana@example.com', fallbackTimeZone: 'UTC' }
const series = (...recurrence: string[]) => ({
  id: 'flood',
  iCalUID: 'flood@google.com',
  start: { dateTime: '2026-11-23T09:00:00Z', timeZone: 'UTC' },
  end: { dateTime: '2026-11-23T09:30:00Z', timeZone: 'UTC' },
  recurrence,
})

test('a series of the minute takes place once and is named, and Google is not asked for tens of thousands', () => {
  const { events, problems, unsure } = expandEvents([JSON.stringify(series('RRULE:FREQ=MINUTELY'))], options)
  expect(events.map(({ occurrenceKey }) => occurrenceKey)).toEqual(['2026-11-23T09:00:00Z'])
  expect(problems).toMatchObject([
    { code: 'rrule_too_frequent', message: expect.stringContaining('more often than hourly') },
  ])
  expect(unsure).toEqual([])
})

test('an entry with hundreds of thousands of dates or rules is an entry like any other', () => {
  const dates = `RDATE:${Array(300_000).fill('20261124T090000Z').join(',')}`
  const rules = Array<string>(300_000).fill('RRULE:FREQ=YEARLY;COUNT=2')
  for (const recurrence of [[dates], rules]) {
    const event = { ...series(), recurrence }
    expect(expandEvents([JSON.stringify(event)], options).problems.length).toBeGreaterThan(0)
    expect(readItem(event, {})).toMatchObject({ kind: 'item', item: { uid: 'flood@google.com' } })
  }
})

test('of many exceptions that stand on no day of their series Google is asked, and nothing is worked out for each', () => {
  const parts = Array.from({ length: 500 }, (_, n) => ({
    ...{ id: `flood_${n}`, recurringEventId: 'flood', iCalUID: 'flood@google.com' },
    originalStartTime: { dateTime: new Date(Date.UTC(2026, 10, 24, 10, 0, n)).toISOString() },
    ...{ start: { dateTime: '2026-11-24T12:00:00Z' }, end: { dateTime: '2026-11-24T12:30:00Z' } },
  }))
  const all = [series('RRULE:FREQ=DAILY;COUNT=900'), ...parts].map((event) => JSON.stringify(event))
  expect(expandEvents(all, options).unsure).toMatchObject([{ seriesId: 'flood' }])
})
