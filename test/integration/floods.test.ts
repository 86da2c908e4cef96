import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { connectByAddress, listProblems, syncCalendar } from '../../src/features/calendars/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { icsFeed } from '../support/ics.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const DAY_MS = 86_400_000
const LINK = 'LOCATION:https://meet.google.com/abc-defg-hij'
const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
const monday = Date.parse('2026-11-30T09:00:00Z')

/** Reads a feed as the sync does; answers also how to read it again after a change. */
async function readFeed({ app, dataDir }: TestApp, owner: string, ...events: string[][]) {
  const address = path.join(dataDir, `${owner}.ics`)
  await writeFile(address, icsFeed(...events))
  const { id } = await connectByAddress(app, { provider: 'ics', address, owner })
  const read = async () => {
    const result = await syncCalendar(app.sync, { calendarId: id })
    expect(result.problem).toBeUndefined()
    return result
  }
  return {
    id,
    first: await read(),
    async readAgain(...next: string[][]) {
      await writeFile(address, icsFeed(...next))
      return read()
    },
    problems: async () => (await listProblems(app.db, id)).map(({ code, message }) => `${code}: ${message}`),
    events: () => app.db.selectFrom('event').select(['uid', 'startsAt']).where('calendarId', '=', id).execute(),
  }
}

test('a feed whose events repeat each second becomes one meeting for each, and says why', async () => {
  await using world = await createTestApp()
  const events = Array.from({ length: 60 }, (_, i) => [
    ...[`UID:flood-${i}`, `DTSTART:${stamp(monday + i * 60_000)}`, 'DURATION:PT30M', 'RRULE:FREQ=SECONDLY', LINK],
  ])
  const feed = await readFeed(world, 'ana@example.com', ...events)
  expect(feed.first).toMatchObject({ outcome: 'changed', changes: 60 })
  const problems = await feed.problems()
  expect(problems).toHaveLength(60)
  expect(problems[0]).toMatch(/^rrule_too_frequent: This event repeats more often than hourly/)
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
})

test('one calendar has so many places in one room on one day, which it keeps, and gets back what becomes free', async () => {
  await using world = await createTestApp()
  const eventOf = (i: number, at: number) => [`UID:${i}`, `DTSTART:${stamp(at)}`, 'DURATION:PT5M', LINK]
  const flood = Array.from({ length: 130 }, (_, i) => eventOf(i, monday + i * 60_000))
  const feed = await readFeed(world, 'ana@example.com', ...flood)
  expect(feed.first.changes).toBe(100)
  const kept = (await feed.events()).map(({ uid }) => Number(uid)).sort((a, b) => a - b)
  expect(kept).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect((await feed.problems()).sort()[0]).toBe(
    'too_many_occurrences: One occurrence was left out: more than 100 in one room on one day are no meetings, and would keep others waiting.',
  )
  // Another day has places of its own, and so has another person.
  await feed.readAgain(...flood, eventOf(999, monday + DAY_MS))
  expect((await feed.events()).filter(({ uid }) => uid === '999')).toHaveLength(1)
  const other = await readFeed(world, 'ben@example.com', eventOf(5_000, monday))
  expect(other.first.changes).toBe(1)
  // What moves there is left out, and is not where it was either.
  await feed.readAgain(...flood, eventOf(999, monday + 60_000))
  expect((await feed.events()).filter(({ uid }) => uid === '999')).toHaveLength(0)
  // What goes makes place for what is new.
  await feed.readAgain(...flood.slice(50, 100), eventOf(1_000, monday))
  expect(await feed.events()).toHaveLength(51)
  expect(await feed.problems()).toEqual([])
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
})

test('what others put into a calendar unasked takes no place of what its owner has accepted', async () => {
  await using world = await createTestApp()
  const invited = Array.from({ length: 110 }, (_, i) => [
    ...[
      `UID:unasked-${i}`,
      `DTSTART:${stamp(monday)}`,
      'DURATION:PT5M',
      LINK,
      'ORGANIZER:mailto:eve@elsewhere.example',
    ],
    'ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@example.com',
  ])
  const feed = await readFeed(world, 'ana@example.com', ...invited)
  expect(feed.first.changes).toBe(100)
  const own = ['UID:own', `DTSTART:${stamp(monday)}`, 'DURATION:PT5M', LINK, 'ORGANIZER:mailto:ana@example.com']
  expect(await feed.readAgain(...invited, own)).toMatchObject({ changes: 1 })
  expect((await feed.events()).some(({ uid }) => uid === 'own')).toBe(true)
})

test('an invitation takes place as often on one day as an hourly one at most', async () => {
  await using world = await createTestApp()
  const dates = Array.from({ length: 300 }, (_, i) => stamp(monday + i * 1_000)).join(',')
  const event = ['UID:dates', `DTSTART:${stamp(monday)}`, `RDATE:${dates}`, LINK]
  const feed = await readFeed(world, 'ana@example.com', event)
  expect(feed.first.changes).toBe(24)
  expect(await feed.problems()).toEqual([
    expect.stringContaining('276 occurrences were left out: more than 24 on one day are no meetings'),
  ])
})

test('a calendar in which much has to be written is left to the queue for such, and looked at again later', async () => {
  await using world = await createTestApp()
  const { app, clock } = world
  const events = Array.from({ length: 900 }, (_, i) => [
    ...[`UID:${i}`, `DTSTART:${stamp(monday + Math.floor(i / 50) * DAY_MS + i * 60_000)}`, 'DURATION:PT5M', LINK],
  ])
  const address = path.join(world.dataDir, 'long.ics')
  await writeFile(address, icsFeed(...events))
  const { id: calendarId } = await connectByAddress(app, { provider: 'ics', address, owner: 'ana@example.com' })
  expect(await syncCalendar(app.sync, { calendarId, which: 'known' })).toMatchObject({
    outcome: 'is_long',
    changes: 600,
  })
  const { nextSyncAt, failureCount } = await app.db
    .selectFrom('calendar')
    .select(['nextSyncAt', 'failureCount'])
    .where('id', '=', calendarId)
    .executeTakeFirstOrThrow()
  expect({ waitMs: nextSyncAt.getTime() - clock.now().getTime(), failureCount }).toEqual({
    waitMs: 300_000,
    failureCount: 0,
  })
  expect(await syncCalendar(app.sync, { calendarId, which: 'long' })).toMatchObject({
    outcome: 'changed',
    changes: 300,
  })
  // What changes little is not long.
  await writeFile(address, icsFeed(...events.slice(1)))
  expect(await syncCalendar(app.sync, { calendarId, which: 'known' })).toMatchObject({ outcome: 'changed', changes: 1 })
  expect(await findBrokenInvariants(app.db)).toEqual([])
})
