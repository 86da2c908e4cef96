import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { syncCalendar } from '../../src/features/calendars/index.ts'
import { listProviderAlarms } from '../../src/features/calendars/providers/provider-alarm-store.ts'
import { sendDueSyncs } from '../../src/pipeline.ts'
import { googleError, startGoogleStub } from '../support/google.ts'
import { ana, ben, cleo, createGoogleWorld, type GoogleWorld } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const together = {
  ...{ id: 'together', summary: 'Together', hangoutLink: 'https://meet.google.com/abc-defg-hij' },
  ...timed(new Date('2026-11-24T10:00:00Z'), 30, 'UTC'),
  attendees: [{ email: ben }],
}

/** Ana and Ben with one invitation, both read. */
async function startWithTwo() {
  const world = await createGoogleWorld()
  world.google.as(ana).insert(together)
  const ids = { ana: await world.connect(ana), ben: await world.connect(ben) }
  await world.sync(ids.ana)
  await world.sync(ids.ben)
  world.google.usage.reset()
  return Object.assign(world, { ids })
}

async function readMeeting(world: GoogleWorld) {
  return world.app.db.selectFrom('meeting').select(['copies', 'supporting', 'decision', 'reason']).executeTakeFirst()
}

async function readCalendar(world: GoogleWorld, id: string) {
  return world.app.db.selectFrom('calendar').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

const tokensRunOut = (world: GoogleWorld) => world.clock.advance(61 * 60_000)

test('a person who is suspended supports nothing any more, others go on; who comes back is connected by the next look', async () => {
  await using world = await startWithTwo()
  const { ids, google, clock } = world
  google.directory.suspend(ben)
  google.tokens.revoke(() => true)
  tokensRunOut(world)
  expect(await world.sync(ids.ben)).toMatchObject({ outcome: 'failed' })
  expect(await readCalendar(world, ids.ben)).toMatchObject({
    state: 'disconnected',
    stateReason: 'user_gone',
    disconnectedAt: clock.now(),
  })
  expect(await readMeeting(world)).toMatchObject({ copies: 2, supporting: 1, decision: 'no_runner' })
  expect(await world.sync(ids.ana)).toMatchObject({ outcome: 'unchanged' })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])

  google.directory.restore(ben)
  clock.set((await readCalendar(world, ids.ben)).nextSyncAt)
  expect(await world.sync(ids.ben)).toMatchObject({ outcome: 'unchanged' })
  expect(await readCalendar(world, ids.ben)).toMatchObject({ state: 'connected', stateReason: null, failureCount: 0 })
  expect(await readMeeting(world)).toMatchObject({ copies: 2, supporting: 2 })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
})

test('when all who hold a meeting are gone it is not attended; nothing of it is deleted', async () => {
  await using world = await startWithTwo()
  for (const email of [ana, ben]) world.google.directory.suspend(email)
  tokensRunOut(world)
  for (const id of [world.ids.ana, world.ids.ben]) await world.sync(id)
  expect(await readMeeting(world)).toMatchObject({ copies: 2, supporting: 0, decision: 'skip' })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
})

test('a person who stays away is asked less and less often, and is disconnected once', async () => {
  await using world = await startWithTwo()
  const { ids, google, clock } = world
  google.directory.suspend(ben)
  tokensRunOut(world)
  const pauses: number[] = []
  for (let i = 0; i < 9; i++) {
    await world.sync(ids.ben)
    const { nextSyncAt } = await readCalendar(world, ids.ben)
    pauses.push(nextSyncAt.getTime() - clock.now().getTime())
    clock.set(nextSyncAt)
  }
  expect(pauses[0]).toBeLessThanOrEqual(18.75 * 60_000)
  expect(pauses.at(-1)).toBeGreaterThan(17 * 3_600_000)
  expect(await readMeeting(world)).toMatchObject({ supporting: 1 })
})

const passing: [string, Parameters<Awaited<ReturnType<typeof startStubbed>>['answer']>[0]][] = [
  ['an HTML page', { status: 200, text: '<html>maintenance</html>' }],
  ['an empty body', { status: 200, text: '' }],
  ['200 with an error in it', { status: 200, body: 'oops' }],
  ['503', googleError(503, 'backendError')],
  ['404', googleError(404, 'notFound')],
]

/** A calendar read once from answers to order. */
async function startStubbed() {
  const stub = await startGoogleStub()
  const keys = {
    GOOGLE_TOKEN_URL: stub.addresses.tokenUrl.href,
    GOOGLE_CALENDAR_API_URL: stub.addresses.calendarApiUrl.href,
  }
  const world = await createGoogleWorld({ env: keys })
  const id = await world.connect(ana)
  const event = {
    id: 'e1',
    status: 'confirmed',
    iCalUID: 'e1',
    start: { dateTime: '2026-11-24T10:00:00Z' },
    end: { dateTime: '2026-11-24T11:00:00Z' },
  }
  stub.callAnswers.push({ body: { items: [event] } }, { body: { items: [event], nextSyncToken: 's1' } })
  await world.sync(id)
  return Object.assign(world, {
    id,
    stub,
    answer: (...answers: typeof stub.callAnswers) => {
      stub.callAnswers.length = 0
      stub.callAnswers.push(...answers)
    },
  })
}

test.each(passing)('%s changes nothing and is tried again', async (_name, answer) => {
  await using world = await startStubbed()
  world.answer(answer)
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'failed' })
  expect(await readCalendar(world, world.id)).toMatchObject({ state: 'connected', cursor: 's1', failureCount: 1 })
  expect(await world.stored(ana)).toHaveLength(1)
})

test('a last page that names no token keeps the old one and says so, and what it listed is kept', async () => {
  await using world = await startStubbed()
  const more = {
    id: 'e2',
    status: 'confirmed',
    iCalUID: 'e2',
    start: { dateTime: '2026-11-25T10:00:00Z' },
    end: { dateTime: '2026-11-25T11:00:00Z' },
  }
  world.answer({ body: { items: [more] } })
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'failed', problem: { code: 'cursor_missing' } })
  expect(await readCalendar(world, world.id)).toMatchObject({ cursor: 's1', failureCode: 'cursor_missing' })
  world.answer({ body: { items: [more], nextSyncToken: 's2' } })
  await world.sync(world.id)
  expect(await readCalendar(world, world.id)).toMatchObject({ cursor: 's2', failureCount: 0 })
  expect(await world.stored(ana)).toHaveLength(2)
})

test('of one event that comes twice in a round the newest counts, in whichever order and on whichever page', async () => {
  await using world = await startStubbed()
  const version = (summary: string, updated: string) => ({
    ...{ id: 'e1', status: 'confirmed', iCalUID: 'e1', summary, updated },
    ...{ start: { dateTime: '2026-11-24T10:00:00Z' }, end: { dateTime: '2026-11-24T11:00:00Z' } },
  })
  const [older, newer] = [version('Older', '2026-11-23T07:00:00Z'), version('Newer', '2026-11-23T07:30:00Z')]
  const title = async () => (await world.stored(ana)).map((line) => line.split(' ')[2])
  world.answer({ body: { items: [newer, older], nextSyncToken: 's2' } })
  await world.sync(world.id)
  expect(await title()).toEqual(['Newer'])
  world.answer(
    { body: { items: [version('Newest', '2026-11-23T07:40:00Z')], nextPageToken: 'p' } },
    { body: { items: [older], nextSyncToken: 's3' } },
  )
  await world.sync(world.id)
  expect(await title()).toEqual(['Newest'])
})

test('a sparse item, {id, status: cancelled} without a start, is a removal and never an error', async () => {
  await using world = await startStubbed()
  world.answer({
    body: {
      items: [
        { id: 'e1', status: 'cancelled' },
        { id: 'unknown', status: 'cancelled' },
      ],
      nextSyncToken: 's2',
    },
  })
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'changed', changes: 1 })
  expect(await world.stored(ana)).toEqual([])
})

test('times with seven digits of a second, an offset or only a zone mean the same instant', async () => {
  await using world = await startStubbed()
  const starts = ['2026-11-24T10:00:00.0000000Z', '2026-11-24T11:00:00+01:00', '2026-11-24T11:00:00']
  const items = starts.map((dateTime, i) => ({
    ...{ id: `t${i}`, status: 'confirmed', iCalUID: `t${i}`, start: { dateTime, timeZone: 'Europe/Vienna' } },
    end: { dateTime: '2026-11-24T12:00:00+01:00' },
  }))
  world.answer({ body: { items, nextSyncToken: 's2' } })
  await world.sync(world.id)
  expect((await world.stored(ana)).map((line) => line.slice(0, 24))).toEqual(Array(4).fill('2026-11-24T10:00:00.000Z'))
})

test('a page that is too large is asked for again with fewer events', async () => {
  await using world = await startStubbed()
  const huge = { id: 'e2', status: 'confirmed', iCalUID: 'e2', description: 'x'.repeat(25 * 1024 * 1024) }
  world.answer({ body: { items: [huge] } }, { body: { items: [], nextSyncToken: 's2' } })
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'unchanged' })
  expect(world.stub.calls.slice(-2).map(({ url }) => url.searchParams.get('maxResults'))).toEqual(['1000', '100'])
})

test('when the key is rejected there is one alarm and no failure on any calendar; everything goes on when it is mended', async () => {
  await using world = await startWithTwo()
  const { ids, google, clock } = world
  const scopes = [...google.serviceAccount.authorizedScopes]
  google.serviceAccount.authorizedScopes.clear()
  tokensRunOut(world)
  google.usage.reset()
  for (const id of [ids.ana, ids.ben, ids.ana]) {
    expect(await world.sync(id)).toMatchObject({ outcome: 'postponed', problem: { code: 'google_org_not_authorized' } })
  }
  expect(google.usage.of('token').calls).toBe(1)
  expect(await listProviderAlarms(world.app.db)).toMatchObject([{ code: 'google_org_not_authorized' }])
  for (const id of [ids.ana, ids.ben]) {
    expect(await readCalendar(world, id)).toMatchObject({ state: 'connected', failureCount: 0 })
  }
  expect(await readMeeting(world)).toMatchObject({ supporting: 2 })
  for (const scope of scopes) google.serviceAccount.authorizedScopes.add(scope)
  clock.advance(10 * 60_000)
  for (const id of [ids.ana, ids.ben]) expect(await world.sync(id)).toMatchObject({ outcome: 'unchanged' })
  expect(await listProviderAlarms(world.app.db)).toEqual([])
})

test('an account without Calendar is told apart, and nobody else is held up by it', async () => {
  const people = [
    { email: ana, isAdmin: true },
    { email: ben, hasCalendar: false },
  ]
  await using world = await createGoogleWorld({ google: { people } })
  const [anas, bens] = [await world.connect(ana), await world.connect(ben)]
  expect(await world.sync(bens)).toMatchObject({ outcome: 'failed', problem: { code: 'google_not_calendar_user' } })
  expect(await readCalendar(world, bens)).toMatchObject({ state: 'disconnected', stateReason: 'no_calendar' })
  expect(await world.sync(anas)).toMatchObject({ outcome: 'unchanged' })
})

test('onboarding goes through a queue of its own, and a notice of a connected person does not wait behind it', async () => {
  await using world = await startWithTwo()
  const { app, ids } = world
  const cleos = await world.connect(cleo)
  await app.db.updateTable('calendar').set({ nextSyncAt: world.clock.now() }).execute()
  await sendDueSyncs(app)
  const { rows: jobs } = await sql`select name, singleton_key from rapporteur_jobs.job`.execute(app.db)
  expect(jobs).toContainEqual({ name: 'read-new-calendar', singletonKey: cleos })
  expect(jobs).toContainEqual({ name: 'sync-calendar', singletonKey: ids.ana })
  expect(await syncCalendar(app.sync, { calendarId: cleos, which: 'known' })).toMatchObject({ outcome: 'is_new' })
  await syncCalendar(app.sync, { calendarId: cleos, which: 'new' })
  world.google.usage.reset()
  // Sent twice, read once.
  await syncCalendar(app.sync, { calendarId: cleos, which: 'new' })
  expect(world.google.usage.total().calls).toBe(0)
})
