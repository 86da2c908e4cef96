import { describe, expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import type { EventInput } from '../../sandbox/google/event.ts'
import type { CalendarProvider, Page } from '../../src/features/calendars/providers/provider.ts'
import { ana, ben, createGoogleWorld, type GoogleWorld, type GoogleWorldOptions } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const at = (day: string, time: string) => new Date(`2026-${day}T${time}:00Z`)
const meet = (code: string) => ({ hangoutLink: `https://meet.google.com/${code}` })
const weekly = {
  ...{ summary: 'Weekly', ...meet('abc-defg-hij'), recurrence: ['RRULE:FREQ=WEEKLY'] },
  ...timed(at('11-23', '09:00'), 30, 'Europe/Vienna'),
}
const once = (summary: string, day = '11-24', time = '10:00') => ({
  ...{ summary, ...meet('xyz-defg-hij') },
  ...timed(at(day, time), 30, 'UTC'),
})

/** What is stored is what Google lists, and the plan fits. */
async function expectInStep(world: GoogleWorld, ...people: string[]): Promise<void> {
  for (const email of people.length > 0 ? people : [ana])
    expect(await world.stored(email)).toEqual(await world.listed(email))
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
}

/** Ana's calendar, read once, with whatever was put in before. */
async function startWith(fill: (world: GoogleWorld) => void, options: GoogleWorldOptions = {}) {
  const world = await createGoogleWorld(options)
  fill(world)
  const id = await world.connect(ana)
  await world.sync(id)
  world.google.usage.reset()
  return Object.assign(world, {
    id,
    calendar: world.google.as(ana),
    calls: () => world.google.usage.of('events.list').calls,
  })
}

async function readCalendar(world: GoogleWorld, id: string) {
  return world.app.db.selectFrom('calendar').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

async function readMeetings(world: GoogleWorld) {
  return world.app.db
    .selectFrom('meeting')
    .select(['id', 'title', 'startsAt', 'decision', 'reason', 'copies', 'supporting', 'meetingUrl'])
    .where('copies', '>', 0)
    .orderBy('startsAt')
    .orderBy('title')
    .execute()
}

/** Lets the process die while a page is being handed over. */
function dieAtPage(provider: CalendarProvider, page: number): CalendarProvider {
  async function* dying(pages: AsyncIterable<Page>) {
    let count = 0
    for await (const one of pages) {
      if (++count === page) throw new Error('killed')
      yield one
    }
  }
  return {
    ...provider,
    listChanges: (input) => dying(provider.listChanges(input)),
    listAll: (input) => dying(provider.listAll(input)),
  }
}

test('a calendar is planned at once and then read whole; afterwards a change costs one call', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert(weekly)
  const single = calendar.insert(once('Once'))
  const id = await world.connect(ana)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 5 })
  expect(world.google.usage.of('events.list').calls).toBe(2)
  await expectInStep(world)
  world.google.usage.reset()
  calendar.patch(single, { summary: 'Twice' })
  await world.mark(id)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  expect(world.google.usage.total().calls).toBe(1)
  await expectInStep(world)
})

test('a process that dies after page 3 of 7 of a delta begins again at the old cursor, and nothing is lost or doubled', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert(weekly)
    google.as(ana).insert(once('Goes'))
  })
  const { calendar, id, app } = world
  calendar.cutPages({ size: 4 })
  for (let i = 0; i < 25; i++) calendar.insert(once(`New ${i}`, '11-25', `${String(i % 24).padStart(2, '0')}:00`))
  const before = await readCalendar(world, id)
  const whole = app.sync.providers.google
  app.sync.providers.google = dieAtPage(whole, 4)
  await expect(world.sync(id)).rejects.toThrow('killed')
  expect(await readCalendar(world, id)).toMatchObject({ cursor: before.cursor })
  app.sync.providers.google = whole
  await world.sync(id)
  await expectInStep(world)
  expect(await readCalendar(world, id)).not.toMatchObject({ cursor: before.cursor })
})

test('a process that dies in the first reading begins it again', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert(weekly)
  for (let i = 0; i < 12; i++) calendar.insert(once(`Event ${i}`, '11-25'))
  calendar.cutPages({ size: 3 })
  const id = await world.connect(ana)
  const whole = world.app.sync.providers.google
  world.app.sync.providers.google = dieAtPage(whole, 3)
  await expect(world.sync(id)).rejects.toThrow('killed')
  world.app.sync.providers.google = whole
  await world.sync(id)
  await expectInStep(world)
})

test('an access token that is refused in mid-pagination is replaced once, and the same page is read', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, google, app } = world
  calendar.cutPages({ size: 2 })
  for (let i = 0; i < 7; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        google.tokens.revoke(() => true)
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 7 })
  expect(google.usage.of('events.list').statuses).toEqual({ 200: 4, 401: 3 })
  await expectInStep(world)
})

test('a page token that is refused lets the round begin again at the stored cursor', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, app } = world
  calendar.cutPages({ size: 2 })
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  let isFirst = true
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        if (isFirst) calendar.expirePageTokens()
        isFirst = false
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 5 })
  await expectInStep(world)
})

test('a token that is gone brings everything anew: what was deleted meanwhile leaves the plan once, the rest stays untouched', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert(weekly)
    google.as(ana).insert({ ...once('Deleted'), id: 'deleted' })
    google.as(ana).insert(once('Stays', '11-24', '12:00'))
  })
  const { calendar, id } = world
  const before = await readMeetings(world)
  calendar.delete('deleted')
  calendar.expireSyncTokens()
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  await expectInStep(world)
  const after = await readMeetings(world)
  expect(after).toEqual(before.filter(({ title }) => title !== 'Deleted'))
  expect(await readCalendar(world, id)).toMatchObject({ cursorLosses: 1 })
  calendar.insert(once('Later'))
  await world.sync(id)
  expect(await readCalendar(world, id)).toMatchObject({ cursorLosses: 0 })
  await expectInStep(world)
})

test('a token that is gone on a later page of a delta loses nothing', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...once('Deleted'), id: 'deleted' })
  })
  const { calendar, id, app } = world
  calendar.cutPages({ size: 2 })
  calendar.delete('deleted')
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  let pages = 0
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        if (++pages === 2) calendar.expireSyncTokens()
        yield page
      }
    },
  }
  await world.sync(id)
  await expectInStep(world)
  expect(await world.stored(ana)).toHaveLength(5)
})

test('a calendar whose tokens never last is read whole, but less and less often', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, clock } = world
  for (let i = 0; i < 5; i++) {
    calendar.expireSyncTokens()
    clock.set((await readCalendar(world, id)).nextSyncAt)
    await world.sync(id)
  }
  const { nextSyncAt, cursorLosses } = await readCalendar(world, id)
  expect(cursorLosses).toBe(5)
  expect(nextSyncAt.getTime() - clock.now().getTime()).toBeGreaterThan(40 * 60_000)
  calendar.expireSyncTokens()
  world.google.usage.reset()
  await world.mark(id)
  expect(await world.sync(id)).toMatchObject({ outcome: 'postponed', problem: { code: 'cursor_refused_often' } })
  expect(world.calls()).toBe(1)
  clock.set((await readCalendar(world, id)).nextSyncAt)
  expect(await world.sync(id)).toMatchObject({ outcome: 'unchanged' })
})

test('empty pages are followed to the end, and a delta of nothing still moves the cursor', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id } = world
  calendar.cutPages({ size: 2, withEmptyPages: true })
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  await world.sync(id)
  await expectInStep(world)
  const { cursor, revision } = await readCalendar(world, id)
  calendar.cutPages(undefined)
  const single = calendar.insert({ ...once('Elsewhere'), id: 'elsewhere' })
  calendar.delete(single)
  await world.sync(id)
  const after = await readCalendar(world, id)
  expect(after.cursor).not.toBe(cursor)
  expect(await world.sync(id)).toMatchObject({ outcome: 'unchanged' })
  expect((await readCalendar(world, id)).revision).toBe(after.revision)
  expect(after.revision).toBeGreaterThanOrEqual(revision)
})

test('two workers that read one calendar at once end as one, and nothing is doubled', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id } = world
  for (let i = 0; i < 10; i++) calendar.insert(once(`New ${i}`))
  const results = await Promise.all([world.sync(id), world.sync(id), world.sync(id)])
  expect(results.reduce((sum, { changes }) => sum + changes, 0)).toBe(10)
  await expectInStep(world)
})

test('a notice that lands while a reading goes on lets it be read again at once, three times at most', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, app } = world
  const whole = app.sync.providers.google
  let reads = 0
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        reads += 1
        calendar.insert(once(`Meanwhile ${reads}`))
        await world.mark(id)
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ isMarkedAgain: true })
  expect(reads).toBe(3)
  app.sync.providers.google = whole
  const last = await world.sync(id)
  expect(last.isMarkedAgain).toBeUndefined()
  await expectInStep(world)
})

test('a notice that comes before the change can be read asks for a look 3 s and 30 s later', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  await world.mark(world.id)
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'unchanged', lookAgainAfterMs: [3_000, 30_000] })
  expect((await world.sync(world.id)).lookAgainAfterMs).toBeUndefined()
})

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

test('an entry that cannot be read at all is listed as it came, and what was known of it stays', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert({ ...once('Known'), id: 'known' }))
  const { calendar, id } = world
  calendar.plant({ id: 'known', status: 'confirmed', summary: 'Known', start: { date: 'soon' } })
  calendar.plant({ id: 'odd', status: 'confirmed', summary: 'Odd', start: {} })
  calendar.insert(once('Other'))
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  const problems = () =>
    world.app.db.selectFrom('calendarProblem').select(['code', 'uid', 'raw']).orderBy('uid').execute()
  expect(await problems()).toMatchObject([
    { code: 'event_unreadable', uid: 'known' },
    { code: 'event_unreadable', uid: 'odd', raw: expect.stringContaining('Odd') },
  ])
  expect((await world.stored(ana)).map((line) => line.split(' ')[2])).toEqual(['Known', 'Other'])
  calendar.delete('odd')
  calendar.expireSyncTokens()
  await world.sync(id)
  expect(await problems()).toMatchObject([{ uid: 'known' }])
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

test('whole days are days of the calendar’s zone, and move when the zone changes', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).calendar.timeZone = 'America/Los_Angeles'
    google.as(ana).insert({ summary: 'Offsite', start: { date: '2026-11-25' }, end: { date: '2026-11-27' } })
    google.as(ana).insert({
      summary: 'Every week',
      start: { date: '2026-11-25' },
      end: { date: '2026-11-26' },
      recurrence: ['RRULE:FREQ=WEEKLY'],
    })
  })
  await expectInStep(world)
  world.calendar.calendar.timeZone = 'Asia/Tokyo'
  await world.sync(world.id)
  await expectInStep(world)
})

test('a link that comes some seconds after its event updates the plan, and another link replaces it', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({
      ...once('Meeting'),
      hangoutLink: undefined,
      id: 'meeting',
      conferenceData: { createRequest: { status: { statusCode: 'pending' } } },
    })
  })
  expect(await readMeetings(world)).toEqual([])
  world.calendar.patch('meeting', {
    conferenceData: { entryPoints: [{ entryPointType: 'video', uri: 'https://meet.google.com/new-link-abc' }] },
  })
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ meetingUrl: 'https://meet.google.com/new-link-abc' }])
  world.calendar.patch('meeting', {
    conferenceData: { entryPoints: [{ entryPointType: 'video', uri: 'https://meet.google.com/oth-link-abc' }] },
  })
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ meetingUrl: 'https://meet.google.com/oth-link-abc' }])
})

test('one invitation in several calendars is one meeting; who declines ceases to count, and so does who is cancelled', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...once('Together'), id: 'together', attendees: [{ email: ben }] })
  })
  const bens = await world.connect(ben)
  await world.sync(bens)
  expect(await readMeetings(world)).toMatchObject([{ copies: 2, supporting: 2 }])
  world.google.as(ben).respond('together', 'declined')
  await world.sync(bens)
  await world.sync(world.id)
  expect(await readMeetings(world)).toMatchObject([{ copies: 2, supporting: 1, decision: 'no_runner' }])
  world.calendar.delete('together')
  await world.sync(world.id)
  await world.sync(bens)
  expect(await readMeetings(world)).toEqual([])
  await expectInStep(world, ana, ben)
})

test('what is no meeting is told by its kind, what is private by its visibility', async () => {
  await using world = await startWith(({ google }) => {
    const types = ['outOfOffice', 'focusTime', 'workingLocation', 'birthday', 'fromGmail'] as const
    for (const [index, eventType] of types.entries()) {
      google.as(ana).insert({ ...once(eventType, '11-24', `1${index}:00`), eventType })
    }
    google.as(ana).insert({ ...once('Secret', '11-24', '18:00'), visibility: 'private' })
  })
  const rows = await world.app.db.selectFrom('event').select(['title', 'kind', 'visibility']).orderBy('title').execute()
  expect(rows).toEqual([
    { title: 'Secret', kind: 'default', visibility: 'private' },
    { title: 'birthday', kind: 'birthday', visibility: 'default' },
    { title: 'focusTime', kind: 'focus_time', visibility: 'default' },
    { title: 'fromGmail', kind: 'default', visibility: 'default' },
    { title: 'outOfOffice', kind: 'out_of_office', visibility: 'default' },
    { title: 'workingLocation', kind: 'working_location', visibility: 'default' },
  ])
  const decided = await readMeetings(world)
  expect(decided.filter(({ decision }) => decision !== 'skip').map(({ title }) => title)).toEqual(['fromGmail'])
})

test('2,000 guests, 100 KB of description and hostile characters are stored within limits', async () => {
  await using world = await startWith(({ google }) => {
    const attendees = Array.from({ length: 2_000 }, (_, i) => ({ email: `guest${i}@example.org` }))
    google.as(ana).insert({
      ...once(`\u202eevil \u0000\ud83c\udf89 ${'x'.repeat(900)}`),
      attendees,
      description: '\u0000é'.repeat(60_000),
    })
  })
  const event = await world.app.db.selectFrom('event').select(['title', 'attendees']).executeTakeFirstOrThrow()
  expect(event.title).toMatch(/^evil 🎉 x+…$/)
  expect(event.attendees).toHaveLength(1_000)
})

test('an unchanged calendar is one call and one small write', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const versions = () => world.app.db.selectFrom('event').select(['id', 'updatedAt']).execute()
  const before = await versions()
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'unchanged', changes: 0 })
  expect(world.google.usage.total().calls).toBe(1)
  expect(await versions()).toEqual(before)
})

test('a calendar of thousands of events is read in pages, with its series and exceptions', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  for (let i = 0; i < 1_500; i++) calendar.insert(once(`Old ${i}`, '01-05'))
  calendar.insert({ ...weekly, id: 'weekly' })
  calendar.delete(calendar.occurrence('weekly', at('12-07', '09:00')))
  const id = await world.connect(ana)
  await world.sync(id)
  expect(world.google.usage.of('events.list').calls).toBe(3)
  await expectInStep(world)
})

test('who is watched is looked at hourly, who is not every quarter of an hour', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const pause = async () => (await readCalendar(world, world.id)).nextSyncAt.getTime() - world.clock.now().getTime()
  expect(await pause()).toBeGreaterThanOrEqual(11.25 * 60_000)
  expect(await pause()).toBeLessThanOrEqual(18.75 * 60_000)
  await world.app.db
    .updateTable('calendar')
    .set({ watchedUntil: at('11-30', '08:00') })
    .execute()
  await world.sync(world.id)
  expect(await pause()).toBeGreaterThanOrEqual(45 * 60_000)
  expect(await pause()).toBeLessThanOrEqual(75 * 60_000)
})
