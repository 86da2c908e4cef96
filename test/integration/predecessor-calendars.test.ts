import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { syncCalendar } from '../../src/features/calendars/index.ts'
import type { CalendarProvider, Page } from '../../src/features/calendars/providers/provider.ts'
import { writeAttendanceMode } from '../../src/features/meetings/attendance-store.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestApp } from '../support/app.ts'
import { ana, ben, createGoogleWorld, type GoogleWorld, type GoogleWorldOptions } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

// What the predecessor got wrong with calendars, by the numbers under which its defects are listed. Others are tested elsewhere:
//   23, 33 (the directory): directory; 24, 25: google-api, google-accounts; 26: google-api, google-accounts; 30: push-webhook
//   31: push-channels; 34 to 38: google-consent, google-consent-sync; 39: secrets/encryption-key
// 32 is Microsoft's, which is no provider here; 40 is about files of its repository, of which ours has none: there is no host or password in it.

const DAY_MS = 86_400_000
const weekly = {
  ...{ summary: 'Weekly', hangoutLink: 'https://meet.google.com/abc-defg-hij', recurrence: ['RRULE:FREQ=WEEKLY'] },
  ...timed(new Date('2026-11-24T09:00:00Z'), 30, 'UTC'),
}

/** Ana and Ben with one invitation, both read. */
async function startWithTwo(options: GoogleWorldOptions = {}) {
  const world = await createGoogleWorld(options)
  world.google.as(ana).insert({ ...weekly, id: 'weekly', attendees: [{ email: ben }] })
  const ids = { ana: await world.connect(ana), ben: await world.connect(ben) }
  await world.sync(ids.ana)
  await world.sync(ids.ben)
  world.google.usage.reset()
  return Object.assign(world, { ids })
}

const readCalendar = ({ app }: GoogleWorld, id: string) =>
  app.db.selectFrom('calendar').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** Notes how many transactions of this database are open whenever Google is asked and answers. */
function watchTransactions(world: GoogleWorld, provider: CalendarProvider) {
  const seen: number[] = []
  const look = async () => {
    const { rows } = await sql<{ open: number }>`
      select count(*)::int as open from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`.execute(world.app.db)
    seen.push(rows[0]?.open ?? -1)
  }
  async function* watched(pages: AsyncIterable<Page>) {
    for await (const page of pages) {
      await look()
      yield page
      await look()
    }
  }
  const watching: CalendarProvider = {
    ...provider,
    listAll: (input) => watched(provider.listAll(input)),
    listChanges: (input) => watched(provider.listChanges(input)),
    async expandThere(input) {
      await look()
      return (await provider.expandThere?.(input)) ?? []
    },
  }
  return { watching, seen }
}

test('27: nobody is asked within a transaction; a series that cannot be asked for is reported, and read with the next look', async () => {
  await using world = await startWithTwo()
  const { app, google, ids } = world
  const { google: provider } = app.sync.providers
  const { watching, seen } = watchTransactions(world, provider)
  app.sync.providers.google = watching
  const calendar = google.as(ana)
  calendar.patch(calendar.occurrence('weekly', new Date('2026-12-01T09:00:00Z')), { summary: 'Only this one' })
  await world.sync(ids.ana)
  // An exception without a day, which may be gone: only Google knows.
  google.doubts.resetExceptionsAreListed = false
  calendar.patch('weekly', timed(new Date('2026-11-25T09:00:00Z'), 30, 'UTC'))
  calendar.insert({ ...weekly, summary: 'Sure' })
  calendar.cutPages({ size: 1 })
  const { cursor } = await readCalendar(world, ids.ana)
  const repair = google.faults.order({ fault: 'backend_error', method: 'events.instances' })
  expect(await world.sync(ids.ana)).toMatchObject({ outcome: 'failed', problem: { code: 'google_unavailable' } })
  expect(await readCalendar(world, ids.ana)).toMatchObject({
    cursor,
    failureCode: 'google_unavailable',
    failureCount: 1,
  })
  repair()
  expect(await world.sync(ids.ana)).toMatchObject({ outcome: 'changed' })
  expect(await world.stored(ana)).toEqual(await world.listed(ana))
  expect(seen.length).toBeGreaterThan(6)
  expect(new Set(seen)).toEqual(new Set([0]))
})

test('28: on day 31 of a calendar that nobody can read its owner’s colleague still has the bot, and it says since when', async () => {
  await using world = await startWithTwo({ runnerOf: () => 'browser' })
  const { app, google, clock, ids } = world
  await inTransaction(app.db, (trx) => writeAttendanceMode(trx, 'on', ana, clock.now()))
  const lostAt = clock.now()
  google.directory.suspend(ben)
  google.tokens.revoke(() => true)
  let tries = 0
  for (const end = lostAt.getTime() + 31 * DAY_MS; clock.now().getTime() < end; tries++) {
    clock.advance(61 * 60_000)
    await world.sync(ids.ben)
    clock.set(
      new Date(
        Math.min(end, Math.max(clock.now().getTime(), (await readCalendar(world, ids.ben)).nextSyncAt.getTime())),
      ),
    )
  }
  // Daily in the end, not for ever at the pace of the others.
  expect(tries).toBeLessThan(60)
  await world.sync(ids.ana)
  expect(await readCalendar(world, ids.ben)).toMatchObject({ state: 'disconnected', disconnectedAt: expect.any(Date) })
  const { disconnectedAt } = await readCalendar(world, ids.ben)
  expect((clock.now().getTime() - (disconnectedAt?.getTime() ?? 0)) / DAY_MS).toBeGreaterThan(30.9)
  const coming = await app.db
    .selectFrom('meeting')
    .innerJoin('bot', 'bot.meetingId', 'meeting.id')
    .select(['decision', 'supporting', 'bot.state'])
    .where('startsAt', '>', clock.now())
    .execute()
  expect(coming).toHaveLength(4)
  for (const row of coming) expect(row).toEqual({ decision: 'attend', supporting: 1, state: 'scheduled' })
  expect(await findBrokenInvariants(app.db)).toEqual([])
})

test('29: a notice of nothing is one call that lists nothing, and neither the plan nor anybody else hears of it', async () => {
  await using world = await startWithTwo()
  const { app, google, ids } = world
  let heard = 0
  const { reconcile } = app.sync
  app.sync.reconcile = (trx, changes) => {
    heard += 1
    return reconcile(trx, changes)
  }
  const rows = async () => [
    await app.db.selectFrom('event').selectAll().execute(),
    await app.db.selectFrom('meeting').selectAll().execute(),
  ]
  const before = await rows()
  await world.mark(ids.ana)
  expect(await world.sync(ids.ana)).toMatchObject({ outcome: 'unchanged', changes: 0 })
  expect(google.usage.total().calls).toBe(1)
  expect(google.requests.at(-1)?.path).toContain('/events')
  expect([await rows(), heard]).toEqual([before, 0])
})

test('33: with another key in the settings all calendars are read with it, and no row has to be touched', async () => {
  await using world = await startWithTwo()
  const { google, clock, ids, databaseUrl } = world
  const oldKey = google.serviceAccount.key.private_key_id
  const key = JSON.stringify(google.serviceAccount.addKey())
  google.serviceAccount.deleteKey(oldKey)
  google.tokens.revoke(() => true)
  clock.advance(61 * 60_000)
  expect(await world.sync(ids.ana)).toMatchObject({
    outcome: 'postponed',
    problem: { code: 'google_org_key_rejected' },
  })
  const env = { ...world.settings, GOOGLE_SERVICE_ACCOUNT_KEY: key }
  await using rotated = await createTestApp({ clock, env, databaseUrl })
  clock.advance(60_000)
  for (const calendarId of [ids.ana, ids.ben]) {
    expect(await syncCalendar(rotated.app.sync, { calendarId })).toMatchObject({ outcome: 'unchanged' })
  }
  const stored = JSON.stringify(await world.app.db.selectFrom('calendar').selectAll().execute())
  expect(stored).not.toContain('PRIVATE KEY')
})
