import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { connectByAddress, syncCalendar } from '../../src/features/calendars/index.ts'
import { createTestApp } from '../support/app.ts'
import { startHttpServer } from '../support/http-servers.ts'
import { icsFeed } from '../support/ics.ts'
import { isKilledAt } from '../support/killed.ts'

/** What people do to a series in their calendar, as a feed shows it afterwards, and what becomes of the plan. */

const link = 'LOCATION:https://meet.google.com/abc-defg-hij'
const daily = [
  'UID:daily@example.com',
  'SUMMARY:Daily',
  link,
  'DTSTART;TZID=Europe/Vienna:20261123T090000',
  'DTEND;TZID=Europe/Vienna:20261123T093000',
]
const fourDays = [...daily, 'RRULE:FREQ=DAILY;COUNT=4']
const exception = (id: string, ...lines: string[]) => [...daily.slice(0, 3), `RECURRENCE-ID:${id}`, ...lines]

async function startWith(body: string, now = '2026-11-22T08:00:00Z') {
  const feed = { body, revision: 1 }
  const server = await startHttpServer((request, response) => {
    const etag = `"${feed.revision}"`
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end()
    else response.writeHead(200, { 'content-type': 'text/calendar', etag }).end(feed.body)
  })
  const world = await createTestApp({ now, env: { ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}` } })
  const { app } = world
  const { id } = await connectByAddress(app, {
    provider: 'ics',
    address: `${server.origin}/ana.ics`,
    owner: 'ana@example.com',
  })
  const sync = (deps: App['sync'] = app.sync) => syncCalendar(deps, { calendarId: id })
  await sync()
  return {
    app,
    id,
    feed,
    clock: world.clock,
    sync,
    async change(text: string) {
      feed.body = text
      feed.revision += 1
      expect(await sync()).toMatchObject({ outcome: 'changed' })
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

/** The meetings that would be attended, as id and start, earliest first. */
async function planned(app: App) {
  return app.db
    .selectFrom('meeting')
    .select(['id', 'startsAt'])
    .where('reason', '=', 'wanted')
    .orderBy('startsAt')
    .execute()
}

const times = async (app: App) => (await planned(app)).map((m) => m.startsAt.toISOString().slice(5, 16))

test('an instance moved from Tuesday to Wednesday is attended on Wednesday only, as the same meeting', async () => {
  await using world = await startWith(icsFeed(fourDays))
  const tuesday = (await planned(world.app))[1]
  await world.change(icsFeed(fourDays, exception('20261124T080000Z', 'DTSTART:20261125T140000Z')))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-25T08:00', '11-25T14:00', '11-26T08:00'])
  expect((await planned(world.app))[2]?.id).toBe(tuesday?.id)
})

test('one instance that is cancelled, by its status or by EXDATE, is the only one that is not attended', async () => {
  const left = ['11-23T08:00', '11-25T08:00', '11-26T08:00']
  await using world = await startWith(icsFeed(fourDays))
  await world.change(icsFeed(fourDays, exception('20261124T080000Z', 'STATUS:CANCELLED')))
  expect(await times(world.app)).toEqual(left)
  await world.change(icsFeed(fourDays))
  expect(await times(world.app)).toHaveLength(4)
  await world.change(icsFeed([...fourDays, 'EXDATE;TZID=Europe/Vienna:20261124T090000']))
  expect(await times(world.app)).toEqual(left)
})

test('a cancelled series loses all that is to come, and keeps what was', async () => {
  await using world = await startWith(icsFeed(fourDays))
  world.clock.set('2026-11-24T12:00:00Z')
  await world.change(icsFeed([...fourDays, 'STATUS:CANCELLED']))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-24T08:00'])
})

test('a series split into this and following keeps what comes before and has each day once afterwards', async () => {
  await using world = await startWith(icsFeed(fourDays))
  const before = await planned(world.app)
  const head = [...daily, 'RRULE:FREQ=DAILY;UNTIL=20261125T075959Z']
  const tail = [
    ...['UID:daily_R20261125T080000@example.com', 'SUMMARY:Daily', link],
    ...['DTSTART;TZID=Europe/Vienna:20261125T093000', 'DURATION:PT30M', 'RRULE:FREQ=DAILY;COUNT=2'],
  ]
  await world.change(icsFeed(head, tail))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-24T08:00', '11-25T08:30', '11-26T08:30'])
  expect((await planned(world.app)).slice(0, 2).map((m) => m.id)).toEqual(before.slice(0, 2).map((m) => m.id))
})

test('this and following moved by half an hour under one UID keeps every meeting', async () => {
  await using world = await startWith(icsFeed(fourDays))
  const before = await planned(world.app)
  const later = [
    ...daily.slice(0, 3),
    'RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T080000Z',
    'DTSTART;TZID=Europe/Vienna:20261125T093000',
    'DURATION:PT30M',
  ]
  await world.change(icsFeed(fourDays, later))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-24T08:00', '11-25T08:30', '11-26T08:30'])
  expect((await planned(world.app)).map((m) => m.id)).toEqual(before.map((m) => m.id))
})

test('a weekly series at nine in London is at nine in London before and after the clocks change', async () => {
  const weekly = [
    ...['UID:weekly@example.com', link, 'RRULE:FREQ=WEEKLY'],
    ...['DTSTART;TZID=Europe/London:20260302T090000', 'DTEND;TZID=Europe/London:20260302T100000'],
  ]
  await using world = await startWith(icsFeed(weekly), '2026-03-22T12:00:00Z')
  expect((await times(world.app)).slice(0, 2)).toEqual(['03-23T09:00', '03-30T08:00'])
  world.clock.set('2026-10-18T12:00:00Z')
  await world.sync()
  expect((await times(world.app)).slice(-4)).toEqual(['10-19T08:00', '10-26T09:00', '11-02T09:00', '11-09T09:00'])
})

test('a whole day with a link is not attended, and begins at midnight of the calendar’s zone', async () => {
  await using world = await startWith(icsFeed(['UID:day@example.com', link, 'DTSTART;VALUE=DATE:20261124']))
  const [meeting] = await world.app.db.selectFrom('meeting').select(['decision', 'reason', 'startsAt']).execute()
  expect(meeting).toEqual({ decision: 'skip', reason: 'all_day', startsAt: new Date('2026-11-23T23:00Z') })
})

test('an event moved to a day on which another one has the same link leaves both', async () => {
  const single = (uid: string, day: string) => [
    ...[`UID:${uid}@example.com`, link, `DTSTART:202611${day}T090000Z`, `DTEND:202611${day}T100000Z`],
  ]
  await using world = await startWith(icsFeed(single('one', '23'), single('two', '24')))
  const before = await planned(world.app)
  await world.change(
    icsFeed(
      single('one', '24').map((line) => line.replace('T09', 'T13').replace('T10', 'T14')),
      single('two', '24'),
    ),
  )
  expect(await times(world.app)).toEqual(['11-24T09:00', '11-24T13:00'])
  expect(new Set((await planned(world.app)).map((m) => m.id))).toEqual(new Set(before.map((m) => m.id)))
})

test('a master that comes after its exceptions takes them in', async () => {
  const moved = exception('20261124T080000Z', 'DTSTART:20261124T140000Z')
  await using world = await startWith(icsFeed(moved))
  expect(await times(world.app)).toEqual(['11-24T14:00'])
  await world.change(icsFeed(moved, fourDays))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-24T14:00', '11-25T08:00', '11-26T08:00'])
})

test('an exception that is no more gives its occurrence back to the series', async () => {
  await using world = await startWith(
    icsFeed(fourDays, exception('20261124T080000Z', 'DTSTART:20261124T140000Z', 'SUMMARY:Moved')),
  )
  await world.change(icsFeed(fourDays))
  expect(await times(world.app)).toEqual(['11-23T08:00', '11-24T08:00', '11-25T08:00', '11-26T08:00'])
})

test('new zone data expands the stored items again, although the feed has not changed', async () => {
  await using world = await startWith(icsFeed(fourDays))
  const { app, sync } = world
  // As if the events had been expanded under rules by which Vienna was an hour away.
  await app.db
    .updateTable('event')
    .set({ startsAt: new Date('2026-11-23T09:00Z'), contentHash: 'of other zone data' })
    .where('occurrenceKey', '=', '2026-11-23T08:00:00Z')
    .execute()
  expect(await sync()).toMatchObject({ outcome: 'unchanged' })
  expect(await sync({ ...app.sync, zoneData: '2099z' })).toMatchObject({ outcome: 'changed', changes: 1 })
  const [first] = await app.db.selectFrom('event').select('startsAt').orderBy('startsAt').execute()
  expect(first?.startsAt).toEqual(new Date('2026-11-23T08:00Z'))
  expect(await sync({ ...app.sync, zoneData: '2099z' })).toMatchObject({ outcome: 'unchanged' })
})

test('a large change that is killed at any query and then taken back leaves nothing of itself', async () => {
  const many = (count: number, title: string) =>
    icsFeed(
      ...Array.from({ length: count }, (_, i) => [
        `UID:event-${i}`,
        `SUMMARY:${title}`,
        'DTSTART:20261123T090000Z',
        'DURATION:PT30M',
      ]),
    )
  await using world = await startWith(many(410, 'Before'))
  let kills = 0
  for (let query = 3; ; query += 2) {
    Object.assign(world.feed, { body: many(205, 'Between'), revision: 2 })
    if (!(await isKilledAt(world.app.sync, world.id, query))) break
    kills += 1
    Object.assign(world.feed, { body: many(410, 'Before'), revision: 1 })
    await world.sync()
    const { countAll } = world.app.db.fn
    const stored = world.app.db
      .selectFrom('event')
      .select(['title', countAll().as('count')])
      .groupBy('title')
    expect(await stored.execute(), `killed at query ${query}`).toEqual([{ title: 'Before', count: '410' }])
  }
  expect(kills).toBeGreaterThan(4)
})

test('a meeting that takes no time, or hardly any, is attended like one without an end', async () => {
  await using world = await startWith(
    icsFeed(
      ['UID:none', 'SUMMARY:None', link, 'DTSTART:20261123T090000Z', 'DTEND:20261123T090000Z'],
      ['UID:tiny', 'SUMMARY:Tiny', link, 'DTSTART:20261124T090000Z', 'DURATION:PT30S'],
      ['UID:open', 'SUMMARY:Open', link, 'DTSTART:20261125T090000Z'],
      ['UID:short', 'SUMMARY:Short', link, 'DTSTART:20261126T090000Z', 'DURATION:PT2M'],
    ),
  )
  const { db } = world.app
  const rows = await db.selectFrom('meeting').select(['startsAt', 'endsAt', 'reason']).orderBy('startsAt').execute()
  expect(rows.map(({ startsAt, endsAt }) => (endsAt.getTime() - startsAt.getTime()) / 60_000)).toEqual([60, 60, 60, 2])
  expect(new Set(rows.map(({ reason }) => reason))).toEqual(new Set(['wanted']))
})

test('a meeting that its title calls cancelled, while its time is free, is not attended, and the calendar says why', async () => {
  const event = ['UID:a', 'SUMMARY:Canceled: Review', link, 'DTSTART:20261123T090000Z', 'STATUS:CONFIRMED']
  await using world = await startWith(icsFeed(event))
  expect(await times(world.app)).toEqual(['11-23T09:00'])
  await world.change(icsFeed([...event, 'TRANSP:TRANSPARENT']))
  expect(await times(world.app)).toEqual([])
  const { db } = world.app
  expect(await db.selectFrom('meeting').select('reason').execute()).toEqual([{ reason: 'cancelled' }])
  expect(await db.selectFrom('calendarProblem').select('code').execute()).toEqual([{ code: 'cancelled_by_title' }])
})

test('a feed that says nothing any more loses no meeting, and the calendar says why', async () => {
  await using world = await startWith(icsFeed(fourDays))
  world.feed.body = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'
  world.feed.revision += 1
  expect(await world.sync()).toMatchObject({ outcome: 'failed' })
  expect(await times(world.app)).toHaveLength(4)
  const calendar = await world.app.db.selectFrom('calendar').select('failureMessage').executeTakeFirstOrThrow()
  expect(calendar.failureMessage).toContain('says nothing')
})

test('a meeting on a platform that cannot be joined is no meeting, and its event names the platform', async () => {
  await using world = await startWith(
    icsFeed(['UID:a', 'SUMMARY:Review', 'LOCATION:https://example.webex.com/meet/ana', 'DTSTART:20261123T090000Z']),
  )
  const { db } = world.app
  expect(await db.selectFrom('meeting').select('id').execute()).toEqual([])
  const [event] = await db.selectFrom('event').select(['linkWarning', 'roomKey']).execute()
  expect(event?.roomKey).toBeNull()
  expect(event?.linkWarning).toContain('There is no way to join Webex.')
})
