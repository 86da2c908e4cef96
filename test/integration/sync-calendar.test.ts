import { utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import {
  connectByAddress,
  listCalendars,
  listProblems,
  removeCalendar,
  syncCalendar,
} from '../../src/features/calendars/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { startHttpServer, startRawServer } from '../support/http-servers.ts'
import { icsFeed, standup, weekly } from '../support/ics.ts'

const owner = 'ana@example.com'

async function connect(app: App, address: string, who = owner): Promise<string> {
  return (await connectByAddress(app, { provider: 'ics', address, owner: who })).id
}

const sync = (app: App, calendarId: string) => syncCalendar(app.sync, { calendarId })

async function readMeetings(app: App) {
  return app.db
    .selectFrom('meeting')
    .select(['id', 'title', 'startsAt', 'decision', 'reason', 'copies', 'platform'])
    .orderBy('startsAt')
    .orderBy('title')
    .execute()
}

/** Changes whenever any row of these tables is written. */
async function rowVersions(app: App): Promise<unknown> {
  const { rows } = await sql`
    select 'event' as t, id::text, xmin::text from event union all select 'meeting', id::text, xmin::text from meeting
    union all select 'item', uid, xmin::text from calendar_item order by 1, 2`.execute(app.db)
  return rows
}

/** A feed whose answer can be changed while the test goes on. */
async function startFeed(first: string) {
  const feed = { body: first, status: 200, type: 'text/calendar', etag: '"1"' as string | undefined }
  const server = await startHttpServer((request, response) => {
    if (feed.etag && request.headers['if-none-match'] === feed.etag) {
      response.writeHead(304).end()
      return
    }
    response
      .writeHead(feed.status, { 'content-type': feed.type, ...(feed.etag ? { etag: feed.etag } : {}) })
      .end(feed.body)
  })
  return { feed, server, url: `${server.origin}/ana/secret-token/basic.ics`, host: `127.0.0.1:${server.port}` }
}

async function startWithFeed(body: string): Promise<TestApp & Awaited<ReturnType<typeof startFeed>> & { id: string }> {
  const served = await startFeed(body)
  const testApp = await createTestApp({ env: { ALLOW_PRIVATE_HOSTS: served.host } })
  const id = await connect(testApp.app, served.url)
  return { ...testApp, ...served, id }
}

test('a real file becomes a plan that explains itself', async () => {
  await using world = await createTestApp()
  const file = path.join(world.dataDir, 'ana.ics')
  await writeFile(file, icsFeed(standup, weekly))
  const id = await connect(world.app, file)
  expect(await sync(world.app, id)).toMatchObject({ outcome: 'changed', changes: 5 })
  const meetings = await readMeetings(world.app)
  expect(meetings).toHaveLength(5)
  expect(meetings[0]).toMatchObject({
    title: 'Stand-up',
    decision: 'no_runner',
    reason: 'wanted',
    platform: 'google_meet',
  })
  expect(meetings.slice(1).map((m) => m.startsAt.toISOString())).toEqual([
    '2026-11-23T13:00:00.000Z',
    '2026-11-30T13:00:00.000Z',
    '2026-12-07T13:00:00.000Z',
    '2026-12-14T13:00:00.000Z',
  ])
})

test('an unchanged feed writes nothing: by 304, by equal content, and by content that differs only in its stamps', async () => {
  await using world = await startWithFeed(icsFeed(standup, weekly))
  const { app, feed, id } = world
  await sync(app, id)
  const before = await rowVersions(app)
  expect(await sync(app, id)).toMatchObject({ outcome: 'unchanged', changes: 0 })
  feed.etag = '"2"'
  expect(await sync(app, id)).toMatchObject({ outcome: 'unchanged' })
  feed.etag = undefined
  feed.body = feed.body.replaceAll('DTSTAMP:20261101T000000Z', 'DTSTAMP:20261123T075959Z')
  expect(await sync(app, id)).toMatchObject({ outcome: 'unchanged' })
  expect(await rowVersions(app)).toEqual(before)
})

test('a changed event is written, and only that one', async () => {
  await using world = await startWithFeed(icsFeed(standup, weekly))
  const { app, feed, id } = world
  await sync(app, id)
  const [before] = await readMeetings(app)
  feed.etag = '"2"'
  feed.body = feed.body.replace('DTSTART:20261123T090000Z', 'DTSTART:20261123T100000Z').replace('T091500Z', 'T101500Z')
  expect(await sync(app, id)).toMatchObject({ outcome: 'changed', changes: 1 })
  expect((await readMeetings(app))[0]).toMatchObject({ id: before?.id, startsAt: new Date('2026-11-23T10:00:00Z') })
})

const badAnswers: [string, Partial<Awaited<ReturnType<typeof startFeed>>['feed']>, string][] = [
  ['a login page', { body: '<!doctype html><html><body>Sign in</body></html>', type: 'text/html' }, 'ics_not_calendar'],
  ['nothing at all', { body: '' }, 'ics_not_calendar'],
  ['a feed cut in the middle', { body: icsFeed(standup, weekly).slice(0, 300) }, 'ics_truncated'],
  ['401', { status: 401, body: 'no' }, 'ics_refused'],
  ['404', { status: 404, body: 'no' }, 'ics_refused'],
  ['500', { status: 500, body: icsFeed() }, 'ics_refused'],
]

test.each(badAnswers)('%s keeps the old events and says why', async (_name, answer, code) => {
  await using world = await startWithFeed(icsFeed(standup, weekly))
  const { app, feed, id } = world
  await sync(app, id)
  const before = await rowVersions(app)
  Object.assign(feed, { etag: '"2"' }, answer)
  const result = await sync(app, id)
  expect(result).toMatchObject({ outcome: 'failed', problem: { code } })
  expect(await rowVersions(app)).toEqual(before)
  const [calendar] = await listCalendars(app.db)
  expect(calendar).toMatchObject({ state: 'connected', failureCount: 1, failureMessage: result.problem?.message })
  expect(calendar?.nextSyncAt.getTime()).toBeGreaterThan(world.clock.now().getTime())
  expect(`${result.problem?.message}${world.logs.text()}`).not.toContain('secret-token')
})

test('an endless feed is given up at the size limit, and the old events stay', async () => {
  await using world = await createTestApp()
  const server = await startRawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n')
    const line = `X-FILL:${'x'.repeat(60_000)}\r\n`
    const fill = () => {
      while (socket.writable && socket.write(line)) {}
    }
    socket.on('drain', fill)
    fill()
  })
  await using app2 = await createTestApp({ env: { ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}` } })
  const id = await connect(app2.app, `http://127.0.0.1:${server.port}/endless.ics`)
  expect(await sync(app2.app, id)).toMatchObject({ outcome: 'failed', problem: { code: 'http_too_large' } })
  expect(await readMeetings(world.app)).toEqual([])
})

test('one broken entry never costs the others, and is listed with its reason', async () => {
  await using world = await startWithFeed(
    icsFeed(standup, ['UID:bad@example.com', 'SUMMARY:Broken', 'DTSTART:yesterday-ish'], weekly),
  )
  const { app, id } = world
  expect(await sync(app, id)).toMatchObject({ outcome: 'changed' })
  expect((await readMeetings(app)).map((m) => m.title)).toContain('Weekly planning')
  const problems = await listProblems(app.db, id)
  expect(problems).toHaveLength(1)
  expect(problems[0]?.message).toMatch(/\w/)
})

test('an address inside the network is refused unless it is allowed by name', async () => {
  const { url } = await startFeed(icsFeed(standup))
  await using world = await createTestApp()
  const id = await connect(world.app, url)
  expect(await sync(world.app, id)).toMatchObject({ outcome: 'failed', problem: { code: 'http_private_address' } })
})

test('the window rolls forward with time although the feed does not change', async () => {
  await using world = await startWithFeed(icsFeed(weekly))
  const { app, id, clock } = world
  await sync(app, id)
  const last = async () => (await readMeetings(app)).at(-1)?.startsAt.toISOString()
  expect(await last()).toBe('2026-12-14T13:00:00.000Z')
  clock.advance(7 * 86_400_000)
  expect(await sync(app, id)).toMatchObject({ outcome: 'changed' })
  expect(await last()).toBe('2026-12-21T13:00:00.000Z')
  const before = await rowVersions(app)
  await sync(app, id)
  expect(await rowVersions(app)).toEqual(before)
})

test('what disappears from the feed leaves the plan; what is past stays on record', async () => {
  await using world = await startWithFeed(icsFeed(standup, weekly))
  const { app, feed, id, clock } = world
  await sync(app, id)
  clock.set('2026-11-23T10:00:00Z')
  feed.etag = '"2"'
  feed.body = icsFeed()
  await sync(app, id)
  const meetings = await readMeetings(app)
  expect(meetings.find((m) => m.title === 'Stand-up')).toMatchObject({ copies: 1, decision: 'no_runner' })
  expect(
    meetings.filter((m) => m.title === 'Weekly planning').every((m) => m.copies === 0 && m.reason === 'gone'),
  ).toBe(true)
})

test('removing a calendar ends its support and forgets its address; adding it again brings the meetings back under their ids', async () => {
  await using world = await startWithFeed(icsFeed(standup))
  const { app, id, url } = world
  await sync(app, id)
  const [before] = await readMeetings(app)
  await removeCalendar({ db: app.db, clock: app.clock, reconcile: app.sync.reconcile }, { calendarId: id })
  expect(await readMeetings(app)).toMatchObject([{ reason: 'gone', copies: 0 }])
  const stored = await app.db.selectFrom('calendar').select(['credential', 'state']).executeTakeFirst()
  expect(stored).toEqual({ credential: null, state: 'disconnected' })
  expect(await sync(app, id)).toMatchObject({ outcome: 'removed' })
  expect(await connect(app, url)).toBe(id)
  await sync(app, id)
  expect(await readMeetings(app)).toMatchObject([{ id: before?.id, copies: 1 }])
})

test('two colleagues with one invitation are one meeting; the other keeps it when one calendar goes', async () => {
  await using world = await startWithFeed(icsFeed(standup))
  const { app, id, url } = world
  const ben = await connect(app, url, 'ben@example.com')
  await sync(app, id)
  await sync(app, ben)
  expect(await readMeetings(app)).toMatchObject([{ copies: 2 }])
  await removeCalendar({ db: app.db, clock: app.clock, reconcile: app.sync.reconcile }, { calendarId: id })
  expect(await readMeetings(app)).toMatchObject([{ copies: 1, reason: 'wanted' }])
})

test('two syncs of one calendar at once end as one', async () => {
  await using world = await startWithFeed(icsFeed(standup, weekly))
  const { app, id } = world
  await Promise.all([sync(app, id), sync(app, id), sync(app, id)])
  expect(await readMeetings(app)).toHaveLength(5)
  expect((await readMeetings(app)).every((m) => m.copies === 1)).toBe(true)
})

test('hostile titles are stored as they are meant, on one line and without control characters', async () => {
  const title = `<script>alert(1)</script> 🎉 \u202Egnirts ${'long '.repeat(200)}`
  await using world = await startWithFeed(icsFeed([...standup.slice(0, 1), `SUMMARY:${title}`, ...standup.slice(2)]))
  await sync(world.app, world.id)
  const [meeting] = await readMeetings(world.app)
  expect(meeting?.title).toMatch(/^<script>alert\(1\)<\/script> 🎉 gnirts long/)
  expect(meeting?.title.length).toBeLessThanOrEqual(500)
})

test('a file is read again only when it was written to', async () => {
  await using world = await createTestApp()
  const file = path.join(world.dataDir, 'ana.ics')
  await writeFile(file, icsFeed(standup))
  const id = await connect(world.app, file)
  await sync(world.app, id)
  expect(await sync(world.app, id)).toMatchObject({ outcome: 'unchanged' })
  await writeFile(file, icsFeed(standup, weekly))
  await utimes(file, new Date(), new Date(Date.now() + 5_000))
  expect(await sync(world.app, id)).toMatchObject({ outcome: 'changed', changes: 4 })
})

test('floating times stand in the zone that the feed names, from the first reading on and when it changes', async () => {
  const floating = [
    'UID:floating@example.com',
    'SUMMARY:Floating',
    'DTSTART:20261123T090000',
    'DTEND:20261123T100000',
    'LOCATION:https://zoom.us/j/1234567890',
  ]
  const inZone = (zone: string) => icsFeed(floating).replace('PRODID', `X-WR-TIMEZONE:${zone}\r\nPRODID`)
  await using world = await startWithFeed(inZone('America/New_York'))
  const { app, feed, id } = world
  await sync(app, id)
  const start = async () => (await readMeetings(app))[0]?.startsAt.toISOString()
  expect(await start()).toBe('2026-11-23T14:00:00.000Z')
  Object.assign(feed, { etag: '"2"', body: inZone('Europe/London') })
  await sync(app, id)
  expect(await start()).toBe('2026-11-23T09:00:00.000Z')
})
