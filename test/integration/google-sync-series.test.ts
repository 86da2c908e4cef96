import { describe, expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import type { EventInput } from '../../sandbox/google/event.ts'
import { ana, ben, createGoogleWorld } from '../support/google-world.ts'
import { at, expectInStep, meet, once, readMeetings, startWith, weekly } from '../support/synced-calendar.ts'

test('one change of a series touches only its own occurrences, and reads nothing of the rest of the calendar', async () => {
  await using world = await startWith(({ google }) => {
    for (let i = 0; i < 50; i++) google.as(ana).insert(once(`Other ${i}`, '11-26'))
    google.as(ana).insert({ ...weekly, id: 'weekly' })
  })
  const rows = () => world.app.db.selectFrom('event').select(['id', 'title', 'updatedAt']).execute()
  world.clock.advance(60_000)
  world.calendar.patch('weekly', { summary: 'Weekly, renamed' })
  expect(await world.sync(world.id)).toMatchObject({ changes: 4 })
  const touched = (await rows()).filter(({ updatedAt }) => updatedAt.getTime() === world.clock.now().getTime())
  expect(new Set(touched.map(({ title }) => title))).toEqual(new Set(['Weekly, renamed']))
  await expectInStep(world)
})

test('a series split "this and following" has one occurrence on the day of the split, and its meeting keeps its id', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...weekly, id: 'weekly' }))
  world.calendar.split('weekly', at('12-07', '09:00'), {
    summary: 'Weekly, later',
    ...timed(at('12-07', '09:30'), 30, 'Europe/Vienna'),
  })
  await world.sync(world.id)
  await expectInStep(world)
  const meetings = await readMeetings(world)
  expect(meetings.map(({ startsAt }) => startsAt.toISOString().slice(0, 16))).toEqual([
    '2026-11-23T09:00',
    '2026-11-30T09:00',
    '2026-12-07T09:30',
    '2026-12-14T09:30',
  ])
})

test('an occurrence moved to another day leaves its old slot empty, and its meeting moves with it', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...weekly, id: 'weekly' }))
  const before = await readMeetings(world)
  const moved = world.calendar.occurrence('weekly', at('11-30', '09:00'))
  world.calendar.patch(moved, timed(at('12-02', '15:00'), 30, 'Europe/Vienna'))
  expect(await world.sync(world.id)).toMatchObject({ changes: 1 })
  await expectInStep(world)
  const after = await readMeetings(world)
  expect(after).toHaveLength(before.length)
  expect(after.find(({ id }) => id === before[1]?.id)?.startsAt).toEqual(at('12-02', '15:00'))
})

test('an occurrence moved out of the window disappears, and one moved into it appears', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...weekly, id: 'weekly' }))
  world.calendar.patch(
    world.calendar.occurrence('weekly', at('11-30', '09:00')),
    timed(new Date('2027-03-01T09:00:00Z'), 30, 'UTC'),
  )
  const late = world.calendar.occurrence('weekly', new Date('2027-02-01T09:00:00Z'))
  world.calendar.patch(late, timed(at('11-26', '14:00'), 30, 'UTC'))
  await world.sync(world.id)
  await expectInStep(world)
  expect((await world.stored(ana)).map((line) => line.slice(0, 10))).toEqual([
    '2026-11-23',
    '2026-11-26',
    '2026-12-07',
    '2026-12-14',
  ])
})

test.each([[true], [false]])(
  'a deleted occurrence is a hole (its series said: %s), and comes back when it is undeleted',
  async (cancelledInstancesNameSeries) => {
    await using world = await startWith(({ google }) => google.as(ana).insert({ ...weekly, id: 'weekly' }), {
      google: { doubts: { cancelledInstancesNameSeries } },
    })
    const occurrence = world.calendar.occurrence('weekly', at('11-30', '09:00'))
    world.calendar.delete(occurrence)
    await world.sync(world.id)
    expect(await world.stored(ana)).toHaveLength(3)
    await expectInStep(world)
    world.calendar.patch('weekly', { summary: 'Renamed' })
    await world.sync(world.id)
    expect(await world.stored(ana)).toHaveLength(3)
    await expectInStep(world)
    const before = await readMeetings(world)
    world.calendar.patch(occurrence, { status: 'confirmed' })
    await world.sync(world.id)
    expect((await world.stored(ana)).map((line) => line.slice(0, 10))).toContain('2026-11-30')
    expect(await readMeetings(world)).toHaveLength(before.length + 1)
    await expectInStep(world)
  },
)

test.each([[true], [false]])(
  'a series deleted while it has exceptions is all gone (they are listed too: %s)',
  async (deletedSeriesListsExceptions) => {
    await using world = await startWith(
      ({ google }) => {
        google.as(ana).insert({ ...weekly, id: 'weekly' })
        google.as(ana).patch(google.as(ana).occurrence('weekly', at('11-30', '09:00')), { summary: 'Different' })
        google.as(ana).delete(google.as(ana).occurrence('weekly', at('12-07', '09:00')))
      },
      { google: { doubts: { deletedSeriesListsExceptions } } },
    )
    expect(await world.stored(ana)).toHaveLength(3)
    world.calendar.delete('weekly')
    await world.sync(world.id)
    expect(await world.stored(ana)).toEqual([])
    await expectInStep(world)
    expect(await readMeetings(world)).toEqual([])
    expect(await world.app.db.selectFrom('calendarItem').select('itemId').execute()).toEqual([])
  },
)

test('an exception whose series never comes stands by itself; when its series comes it takes its place in it', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(once('Other')))
  const { calendar, id } = world
  const exception = {
    ...{ id: 'series1_20261130T090000Z', status: 'confirmed', iCalUID: 'series1@google.com', summary: 'Only this one' },
    ...{
      recurringEventId: 'series1',
      originalStartTime: { dateTime: '2026-11-30T09:00:00Z', timeZone: 'Europe/Vienna' },
    },
    ...{ ...meet('abc-defg-hij'), ...timed(at('11-30', '11:00'), 30, 'Europe/Vienna') },
  }
  calendar.plant(exception)
  await world.sync(id)
  expect((await world.stored(ana)).filter((line) => line.includes('series1'))).toEqual([
    '2026-11-30T11:00:00.000Z 2026-11-30T11:30:00.000Z Only this one series1@google.com 2026-11-30T09:00:00Z',
  ])
  calendar.plant({ ...weekly, id: 'series1', status: 'confirmed', iCalUID: 'series1@google.com' })
  await world.sync(id)
  expect((await world.stored(ana)).filter((line) => line.includes('series1')).map((line) => line.slice(0, 16))).toEqual(
    ['2026-11-23T09:00', '2026-11-30T11:00', '2026-12-07T09:00', '2026-12-14T09:00'],
  )
})

test('a cancelled occurrence that comes before its series is kept, and is its hole when it comes', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(once('Other')))
  const { calendar, id } = world
  calendar.plant({ id: 'series1_20261130T090000Z', status: 'cancelled' })
  await world.sync(id)
  calendar.plant({ ...weekly, id: 'series1', status: 'confirmed', iCalUID: 'series1@google.com' })
  await world.sync(id)
  expect((await world.stored(ana)).filter((line) => line.includes('series1')).map((line) => line.slice(0, 10))).toEqual(
    ['2026-11-23', '2026-12-07', '2026-12-14'],
  )
})

test('members on different pages of a round find their series', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert({ ...weekly, id: 'weekly' })
  for (let i = 0; i < 5; i++) calendar.insert(once(`Between ${i}`))
  calendar.patch(calendar.occurrence('weekly', at('11-30', '09:00')), timed(at('12-01', '16:00'), 30, 'UTC'))
  calendar.delete(calendar.occurrence('weekly', at('12-07', '09:00')))
  calendar.cutPages({ size: 2 })
  const id = await world.connect(ana)
  await world.sync(id)
  await expectInStep(world)
})

const tookAway: [string, Partial<EventInput>][] = [
  ['to another day', timed(at('11-24', '09:00'), 30, 'Europe/Vienna')],
  ['to an earlier end', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] }],
  ['to no series at all', { recurrence: [] }],
]

describe.each([[true], [false]])('where exceptions that are reset are listed: %s', (resetExceptionsAreListed) => {
  test.each(tookAway)('an exception that a change of its series %s took away is gone', async (_, change) => {
    await using world = await startWith(
      ({ google }) => {
        google.as(ana).insert({ ...weekly, id: 'weekly' })
        google.as(ana).patch(google.as(ana).occurrence('weekly', at('11-30', '09:00')), { summary: 'Different' })
        // In the window although its own day is not, and the other way about.
        google.as(ana).patch(google.as(ana).occurrence('weekly', new Date('2027-02-01T09:00:00Z')), {
          ...{ summary: 'Brought forward', ...timed(at('11-26', '14:00'), 30, 'UTC') },
        })
        google.as(ana).patch(google.as(ana).occurrence('weekly', at('12-07', '09:00')), {
          ...{ summary: 'Put off', ...timed(new Date('2027-02-02T14:00:00Z'), 30, 'UTC') },
        })
      },
      { google: { doubts: { resetExceptionsAreListed } } },
    )
    expect((await world.stored(ana)).join()).toContain('Brought forward')
    // Every exception is an occurrence of its series, and nobody had to be asked.
    expect(world.google.usage.of('events.instances').calls).toBe(0)
    world.calendar.patch('weekly', change)
    await world.sync(world.id)
    // Which of them stands is asked with one call, where it cannot be told.
    const isClear = resetExceptionsAreListed || change.recurrence?.length === 0
    expect(world.google.usage.of('events.instances').calls).toBe(isClear ? 0 : 1)
    await expectInStep(world)
    expect((await world.stored(ana)).join()).not.toMatch(/Different|Brought forward|Put off/)
    expect(await world.app.db.selectFrom('calendarProblem').select('code').execute()).toEqual([])
  })
})

test('a change of organiser leaves a trace with only an id in the one calendar and the event in the other', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...weekly, id: 'weekly' }))
  const bens = await world.connect(ben)
  await world.sync(bens)
  world.calendar.move('weekly', ben)
  await world.sync(world.id)
  await world.sync(bens)
  expect(await world.stored(ana)).toEqual([])
  expect(await world.stored(ben)).toHaveLength(4)
  await expectInStep(world, ana, ben)
})

const kinds: [string, string[]][] = [
  ['dates only', ['RDATE;TZID=Europe/Vienna:20261125T100000,20261202T100000']],
  ['an exclusion in a zone', ['RRULE:FREQ=WEEKLY', 'EXDATE;TZID=Europe/Vienna:20261130T100000']],
  ['an exclusion in UTC', ['RRULE:FREQ=WEEKLY', 'EXDATE:20261130T090000Z']],
  ['an end by date on a timed series', ['RRULE:FREQ=WEEKLY;UNTIL=20261207']],
  ['an exclusion rule', ['RRULE:FREQ=DAILY', 'EXRULE:FREQ=WEEKLY']],
  ['two rules', ['RRULE:FREQ=WEEKLY', 'RRULE:FREQ=WEEKLY;BYDAY=WE']],
  ['private parameters', ['X-EVOLUTION-ENDDATE:20261231T000000Z', 'RRULE:FREQ=WEEKLY;X-NOTE=1;COUNT=3']],
]

test('series of every kind have the occurrences that Google gives them', async () => {
  await using world = await startWith(({ google }) => {
    for (const [summary, recurrence] of kinds) google.as(ana).insert({ ...weekly, summary, recurrence })
  })
  await expectInStep(world)
  expect(await world.app.db.selectFrom('calendarProblem').select('code').execute()).toEqual([])
})

test('a series whose zone is written as an offset is expanded here', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({
      ...weekly,
      id: 'weekly',
      start: { ...weekly.start, timeZone: 'GMT-07:00' },
      end: { ...weekly.end, timeZone: 'GMT-07:00' },
    })
  })
  await expectInStep(world)
  // Nor did Google have to be asked, which would be listed.
  expect(await world.app.db.selectFrom('calendarProblem').select('code').execute()).toEqual([])
})

test('a series that nobody can expand is asked for by one call, a single event at its start, and costs nobody else anything', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(once('Other')))
  const { calendar, id } = world
  for (const [index, rule] of ['FREQ=FORTNIGHTLY', 'FREQ=DAILY;COUNT=-1', 'FREQ=DAILY;INTERVAL=0'].entries()) {
    calendar.plant({
      ...weekly,
      id: `bad${index}`,
      status: 'confirmed',
      iCalUID: `bad${index}@google.com`,
      recurrence: [`RRULE:${rule}`],
    })
  }
  await world.sync(id)
  expect(world.google.usage.of('events.instances').calls).toBe(3)
  const problems = await world.app.db.selectFrom('calendarProblem').select(['code', 'raw']).execute()
  expect(problems.map(({ code }) => code)).toEqual(['rrule_invalid', 'rrule_invalid', 'rrule_invalid'])
  expect(problems[0]?.raw).toContain('FORTNIGHTLY')
  expect((await world.stored(ana)).filter((line) => line.includes('Other'))).toHaveLength(1)
})

test('wall time is kept over both changes of the clock, and a time that a change leaves out is as Google has it', async () => {
  await using world = await startWith(
    ({ google }) => {
      google
        .as(ana)
        .insert({ ...weekly, summary: 'Spring', ...timed(new Date('2027-03-08T08:00:00Z'), 30, 'Europe/Vienna') })
      google.as(ana).insert({
        ...weekly,
        summary: 'Gap',
        recurrence: ['RRULE:FREQ=DAILY'],
        ...timed(new Date('2027-03-08T01:30:00Z'), 30, 'Europe/Vienna'),
      })
    },
    { now: '2027-03-08T07:00:00Z' },
  )
  await expectInStep(world)
  const spring = (await world.stored(ana)).filter((line) => line.includes('Spring')).map((line) => line.slice(11, 16))
  expect(spring).toEqual(['08:00', '08:00', '08:00', '07:00'])
})

test('the window rolls forward with no call, also for a series that nobody touched for a year', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...weekly, ...timed(new Date('2025-11-24T09:00:00Z'), 30, 'Europe/Vienna') })
  })
  world.clock.advance(8 * 86_400_000)
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'changed' })
  expect(world.google.usage.of('events.list').calls).toBe(1)
  expect(world.google.usage.of('events.instances').calls).toBe(0)
  await expectInStep(world)
})

test('a further date before the start of its series is found when the window reaches it', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({
      ...weekly,
      ...timed(at('12-30', '09:00'), 30, 'Europe/Vienna'),
      recurrence: ['RRULE:FREQ=WEEKLY', 'RDATE;TZID=Europe/Vienna:20261222T100000,20270120T100000'],
    })
  })
  world.clock.advance(2 * 86_400_000)
  await world.sync(world.id)
  expect((await world.stored(ana)).map((line) => line.slice(0, 16))).toEqual(['2026-12-22T09:00'])
  await expectInStep(world)
})

describe('A series of whole days that is made timed, or the other way round', () => {
  const day = (date: string, next: string) => ({ start: { date }, end: { date: next } })
  const recurrence = ['RRULE:FREQ=DAILY;COUNT=5']
  const days = { ...{ summary: 'Days', ...meet('abc-defg-hij'), recurrence }, ...day('2026-11-24', '2026-11-25') }
  const times = { ...days, ...timed(at('11-24', '10:00'), 30, 'Europe/Vienna') }
  const flips = [
    ['whole days made timed', days, times, '2026-11-25', '2026-11-26'],
    ['times made whole days', times, days, at('11-25', '10:00'), at('11-26', '10:00')],
  ] as const

  describe.each([[true], [false]])('with its exceptions said to be gone: %s', (resetExceptionsAreListed) => {
    test.each(flips)('begins anew: %s', async (_name, before, after, cancelled, changed) => {
      const calendarDoubts = { google: { doubts: { resetExceptionsAreListed } } }
      await using world = await startWith(
        ({ google }) => google.as(ana).insert({ ...before, id: 'flip' }),
        calendarDoubts,
      )
      world.calendar.delete(world.calendar.occurrence('flip', cancelled))
      world.calendar.patch(world.calendar.occurrence('flip', changed), { summary: 'Another' })
      await world.sync(world.id)
      expect(await world.stored(ana)).toHaveLength(4)
      world.calendar.patch('flip', { start: after.start, end: after.end })
      await world.sync(world.id)
      expect(await world.stored(ana)).toHaveLength(5)
      await expectInStep(world)
    })
  })
})
