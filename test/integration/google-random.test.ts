import type { KyselyPlugin } from 'kysely'
import { expect, onTestFailed, test, vi } from 'vitest'
import type { FaultOrder } from '../../sandbox/google/faults.ts'
import { createNoticeReceiver, renewChannels, syncCalendar } from '../../src/features/calendars/index.ts'
import { wakeChangedCalendars } from '../../src/pipeline.ts'
import { ana, ben, cleo, createGoogleWorld, type GoogleWorld } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'
import { createRandom, type Random } from '../support/random.ts'
import { createRandomEdits } from '../support/random-google-edits.ts'
import { seedOfRun } from '../support/seed-of-run.ts'
import { startTestWeb } from '../support/web.ts'

const seed = seedOfRun(291_373)
/** 20,000 take some minutes. */
const edits = Number(process.env.TEST_EDITS ?? 600)

const MINUTE_MS = 60_000
const people = [ana, ben, cleo]
const CALENDAR_FAULTS = [
  ...['rate_limit', 'user_rate_limit', 'too_many_requests', 'unauthorized', 'forbidden'],
  ...['sync_token_gone', 'sync_token_gone_without_reason', 'html', 'empty', 'error_with_status_200', 'reset', 'cut'],
] as FaultOrder['fault'][]

/** Ends what uses a database at its nth query from now, as when the process is killed there: an open transaction is rolled back. */
function createKiller(): { plugin: KyselyPlugin; after(queries: number): void } {
  let left = Number.POSITIVE_INFINITY
  return {
    after: (queries) => {
      left = queries
    },
    plugin: {
      transformQuery({ node }) {
        left -= 1
        if (left <= 0) throw new Error('killed')
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    },
  }
}

/** The calendars whose turn it is: marked by a notice, or due. */
async function listDue({ app, clock }: GoogleWorld): Promise<string[]> {
  const due = await app.db
    .selectFrom('calendar')
    .select('id')
    .where((eb) => eb.or([eb('changeMarker', '>', eb.ref('pulledMarker')), eb('nextSyncAt', '<=', clock.now())]))
    .orderBy('id')
    .execute()
  return due.map(({ id }) => id)
}

/** Syncs a calendar as a worker does, which may be killed in between, or meet another that does the same. */
async function syncAtRandom({ app }: GoogleWorld, calendarId: string, random: Random): Promise<void> {
  const killer = createKiller()
  const deps = { ...app.sync, db: app.db.withPlugin(killer.plugin) }
  if (random.chance(0.4)) killer.after(1 + random.below(60))
  const workers = [syncCalendar(deps, { calendarId })]
  if (random.chance(0.2)) workers.push(syncCalendar(app.sync, { calendarId }))
  for (const { status, reason } of (await Promise.allSettled(workers)).filter((one) => one.status === 'rejected')) {
    if (status === 'rejected' && !/killed|calendar_written_meanwhile/.test(`${reason} ${reason.code}`)) throw reason
  }
}

/** Some notices are lost, some come twice, some late, and in any order. */
async function sendNotices({ google }: GoogleWorld, random: Random): Promise<void> {
  const { push } = google
  push.lose(push.held.filter(() => random.chance(0.2)))
  const now = random.shuffle(push.held.filter(() => random.chance(0.7)))
  push.letGo(now.flatMap((one) => (random.chance(0.2) ? [one, one] : [one])))
  await push.settled()
}

/** What goes wrong between Google and the worker. */
function disturb({ google }: GoogleWorld, random: Random): void {
  const calendar = google.as(random.pick(people))
  if (random.chance(0.05)) calendar.expireSyncTokens()
  if (random.chance(0.05)) calendar.expirePageTokens()
  if (random.chance(0.2))
    calendar.cutPages(
      random.chance(0.5) ? { size: 3 + random.below(20), withEmptyPages: random.chance(0.3) } : undefined,
    )
  if (random.chance(0.05)) google.tokens.revoke(() => true)
  if (random.chance(0.15)) {
    google.faults.order({
      fault: random.pick(CALENDAR_FAULTS),
      method: 'events.list',
      after: random.below(3),
      times: 1,
    })
  }
  if (random.chance(0.1)) {
    google.faults.order({
      fault: 'page_token_refused',
      when: ({ query }) => query.has('pageToken'),
      times: 1 + random.below(3),
    })
  }
}

/** When all is quiet and a day has passed, what is stored is what Google itself lists. */
async function expectInStep(world: GoogleWorld): Promise<void> {
  const { google, clock, app } = world
  google.faults.clear()
  google.push.letGo(google.push.held)
  await google.push.settled()
  clock.advance(25 * 60 * MINUTE_MS)
  for (let rounds = 0; ; rounds++) {
    const due = await listDue(world)
    if (due.length === 0) break
    expect(rounds, 'The calendars find no rest').toBeLessThan(20)
    for (const calendarId of due) await syncCalendar(app.sync, { calendarId })
    clock.advance(MINUTE_MS)
  }
  // The window is rolled every six hours: its last ones may not be stored yet.
  const until = new Date(clock.now().getTime() + (28 * 24 - 6) * 60 * MINUTE_MS).toISOString()
  const before = (lines: string[]) => lines.filter((line) => line < until)
  for (const email of people) {
    const [stored, listed] = [await world.stored(email), await world.listed(email)].map(before)
    expect(stored, `the events of ${email}`).toEqual(listed)
  }
  expect(await findBrokenInvariants(app.db)).toEqual([])
}

test(`whatever people change, and whatever is lost, refused or killed: what is stored is what Google lists (TEST_SEED=${seed})`, async () => {
  const random = createRandom(seed)
  // Pauses of the product are jittered; with the seed they are the same again.
  vi.spyOn(Math, 'random').mockImplementation(createRandom(seed + 1).next)
  await using world = await createGoogleWorld({ now: '2026-10-20T08:00:00Z' })
  const { app, google, clock } = world
  const receiver = createNoticeReceiver({ ...app, markChanged: (trx, ids) => wakeChangedCalendars(app, trx, ids) })
  await using web = await startTestWeb({ receiveNotice: receiver.receive })
  for (const email of people) await world.connect(email)
  const renew = () =>
    renewChannels({ ...app.channels, addressOf: () => `${web.origin}/dashboard/webhook/google-calendar/` })
  await renew()
  google.push.hold()
  const story: string[] = []
  onTestFailed(() => console.error(`TEST_SEED=${seed}\n${story.slice(-40).join('\n')}`))

  const randomEdits = createRandomEdits(google, people, random)
  for (let made = 0; made < edits; ) {
    for (let n = 1 + random.below(50); n > 0; n--, made++) story.push(randomEdits.make(clock.now()))
    disturb(world, random)
    await sendNotices(world, random)
    clock.advance(MINUTE_MS)
    for (const calendarId of random.shuffle(await listDue(world))) {
      if (random.chance(0.8)) await syncAtRandom(world, calendarId, random)
      if (random.chance(0.2)) story.push(randomEdits.make(clock.now()))
    }
    if (!random.chance(0.06)) continue
    await expectInStep(world)
    await renew()
  }
  await expectInStep(world)
}, 600_000)
