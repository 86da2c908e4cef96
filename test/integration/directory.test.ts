import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  listDueCalendars,
  syncCalendar,
  syncPeople,
  syncPeopleIfDue,
  syncPeopleNow,
} from '../../src/features/calendars/index.ts'
import type { GoogleApi } from '../../src/features/calendars/providers/google/google-api.ts'
import { createGoogleTestApp, type GoogleTestApp } from '../support/google-app.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'
import { peopleAtGoogle } from '../support/providers.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'

const HOUR_MS = 3_600_000
const MEET = 'https://meet.google.com/abc-defg-hij'

describe('The people of the domain', () => {
  let world: GoogleTestApp

  beforeAll(async () => {
    world = await createGoogleTestApp({ people: [{ email: 'admin@example.com', isAdmin: true }] })
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    const { db } = world.app
    for (const table of ['calendar', 'meeting', 'occurrence'] as const) await db.deleteFrom(table).execute()
    await db.deleteFrom('setting').execute()
    world.clock.advance(24 * HOUR_MS)
  })

  /** The domain as it is meant here: whole, or with some chosen. */
  const depsOf = (changes: { pilotUsers?: string[]; adminEmail?: string | undefined; api?: GoogleApi } = {}) => {
    const { pilotUsers = [], ...asked } = changes
    const people = peopleAtGoogle(world.app, { adminEmail: 'admin@example.com', ...asked })
    return { ...people, pilotUsers, random: () => 0.5 }
  }
  const run = (changes: Parameters<typeof depsOf>[0] = {}) => syncPeopleNow(depsOf(changes))
  const kindsOf = ({ changes }: Awaited<ReturnType<typeof run>>) =>
    changes.map(({ kind, email, reason }) => [kind, email, ...(reason ? [reason] : [])].join(' '))
  const calendars = () =>
    world.app.db.selectFrom('calendar').selectAll().orderBy('ownerEmail').orderBy('createdAt').execute()
  const calendarOf = async (email: string) => (await calendars()).find(({ ownerEmail }) => ownerEmail === email)
  const nameOf = (() => {
    let count = 0
    return (name: string) => `${name}${++count}@example.com`
  })()
  /** Somebody new, and their calendar after the directory was read. */
  async function join(name: string) {
    const email = nameOf(name)
    const { id: accountId } = world.google.directory.add({ email })
    await run()
    const calendar = await calendarOf(email)
    if (!calendar) throw new Error(`${email} was not connected`)
    return { email, accountId, id: calendar.id }
  }

  test('are all connected, page by page, without anybody consenting, and only planned for', async () => {
    await using big = await createGoogleTestApp({
      people: [
        { email: 'admin@example.com', isAdmin: true },
        ...Array.from({ length: 1_203 }, (_, n) => ({ email: `person${n}@example.com` })),
      ],
    })
    const deps = peopleAtGoogle(big.app, { adminEmail: 'admin@example.com' })
    const { changes } = await syncPeople(deps)
    expect(changes).toHaveLength(1_204)
    expect(big.google.usage.of('users.list').calls).toBe(3)
    const rows = await big.app.db.selectFrom('calendar').select(['credential', 'access', 'state']).execute()
    expect(rows).toHaveLength(1_204)
    expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(
      new Set([JSON.stringify({ credential: null, access: 'service_account', state: 'connected' })]),
    )
    const due = await listDueCalendars(big.app.db, big.clock.now(), 2_000)
    expect(due).toHaveLength(1_204)
    const attendance = await big.app.db.selectFrom('setting').selectAll().where('key', '=', 'attendance').execute()
    expect(attendance).toEqual([])
    expect((await syncPeople(deps)).changes).toEqual([])
  })

  test('who leave are released: their events support no meeting any more, and what others hold goes on', async () => {
    const [leaver, stayer] = [await join('leaver'), await join('stayer')]
    const both = [leaver, stayer].map(({ id, email }) => ({ id, owner: email }))
    const planner = { db: world.app.db, clock: world.clock }
    const at = new Date(world.clock.now().getTime() + 26 * HOUR_MS).toISOString()
    const guests = both.map(({ owner: email }) => ({
      email,
      name: null,
      response: 'accepted' as const,
      kind: 'person' as const,
    }))
    await seedEvents(planner, both, [{ title: 'Shared', at, location: MEET, attendees: guests }])
    await seedEvents(planner, both.slice(0, 1), [
      { title: 'Alone', at, location: 'https://meet.google.com/aaa-bbbb-ccc' },
    ])
    world.google.directory.delete(leaver.email)
    expect(kindsOf(await run())).toEqual([`release ${leaver.email} left`])
    const meetings = await world.app.db
      .selectFrom('meeting')
      .select(['title', 'supporting', 'reason'])
      .orderBy('title')
      .execute()
    expect(meetings).toEqual([
      { title: 'Alone', supporting: 0, reason: 'no_connected_calendar' },
      { title: 'Shared', supporting: 1, reason: 'wanted' },
    ])
    expect(await calendarOf(leaver.email)).toMatchObject({ state: 'disconnected', releaseReason: 'left' })
    expect(await findBrokenInvariants(world.app.db)).toEqual([])
    expect(kindsOf(await run())).toEqual([])
  })

  // Facts, row 55.
  test.each(['suspend', 'archive'] as const)(
    'whom somebody %ss are released, and resume when they are back',
    async (order) => {
      const person = await join('away')
      world.google.directory[order](person.email)
      expect(kindsOf(await run())).toEqual([
        `release ${person.email} ${order === 'suspend' ? 'suspended' : 'archived'}`,
      ])
      const due = () => listDueCalendars(world.app.db, new Date('2030-01-01T00:00:00Z'), 100)
      expect(JSON.stringify(await due())).not.toContain(person.id)
      world.google.directory.restore(person.email)
      expect(kindsOf(await run())).toEqual([`resume ${person.email}`])
      // Read from the beginning; it counts as connected once that succeeded.
      expect(await calendarOf(person.email)).toMatchObject({ id: person.id, releaseReason: null, cursor: null })
      expect(JSON.stringify(await due())).toContain(person.id)
    },
  )

  test('who are deleted and undeleted get their own calendar back, with what was in it', async () => {
    const person = await join('deleted')
    await seedEvents(
      world.app,
      [{ id: person.id, owner: person.email }],
      [{ title: 'Kept', at: new Date(world.clock.now().getTime() + 26 * HOUR_MS).toISOString(), location: MEET }],
    )
    world.google.directory.delete(person.email)
    expect(kindsOf(await run())).toEqual([`release ${person.email} left`])
    world.google.directory.undelete(person.email)
    expect(kindsOf(await run())).toEqual([`resume ${person.email}`])
    expect(await calendarOf(person.email)).toMatchObject({
      id: person.id,
      accountId: person.accountId,
      releaseReason: null,
    })
    await syncCalendar(world.app.sync, { calendarId: person.id })
    expect(await calendarOf(person.email)).toMatchObject({ state: 'connected', stateReason: null })
    expect((await calendars()).filter(({ accountId }) => accountId === person.accountId)).toHaveLength(1)
  })

  // Facts, row 56.
  test('who are renamed stay themselves, without a second copy', async () => {
    const person = await join('before')
    const after = nameOf('after')
    await world.app.db.updateTable('calendar').set({ cursor: 'a sync token' }).where('id', '=', person.id).execute()
    world.google.directory.rename(person.email, after)
    expect(kindsOf(await run())).toEqual([`rename ${after}`])
    expect(await calendarOf(after)).toMatchObject({
      id: person.id,
      accountId: person.accountId,
      deduplicationKey: `${after}-google-sa`,
      cursor: null,
      nextSyncAt: world.clock.now(),
    })
    expect((await calendars()).filter(({ accountId }) => accountId === person.accountId)).toHaveLength(1)
    expect(kindsOf(await run())).toEqual([])
  })

  test('who are renamed organise under their new address at once, and the plan knows', async () => {
    const person = await join('organiser')
    const after = nameOf('organiser')
    const at = new Date(world.clock.now().getTime() + 26 * HOUR_MS).toISOString()
    const attendees = [{ email: 'guest@example.org', name: null, response: 'accepted', kind: 'person' } as const]
    const invitation = { title: 'Own round', at, location: MEET, organizerEmail: person.email, attendees }
    await seedEvents({ db: world.app.db, clock: world.clock }, [{ id: person.id, owner: person.email }], [invitation])
    world.google.directory.rename(person.email, after)
    await run()
    expect(await findBrokenInvariants(world.app.db)).toEqual([])
    const variants = await world.app.db.selectFrom('occurrenceVariant').select(['isOrganizerCopy', 'copies']).execute()
    expect(variants).toEqual([{ isOrganizerCopy: false, copies: 1 }])
  })

  test('who exchange their addresses keep their calendars', async () => {
    const [one, two] = [await join('one'), await join('two')]
    const { directory } = world.google
    directory.rename(one.email, nameOf('between'), { keepsAlias: false })
    const between = directory.findById(one.accountId)?.primaryEmail as string
    directory.rename(two.email, one.email, { keepsAlias: false })
    directory.rename(between, two.email, { keepsAlias: false })
    await run()
    const rows = (await calendars()).filter(({ id }) => id === one.id || id === two.id)
    expect(new Map(rows.map(({ id, deduplicationKey }) => [id, deduplicationKey]))).toEqual(
      new Map([
        [one.id, `${two.email}-google-sa`],
        [two.id, `${one.email}-google-sa`],
      ]),
    )
    expect(kindsOf(await run())).toEqual([])
  })

  test('who get the address of somebody who left get a calendar of their own', async () => {
    const leaver = await join('seat')
    world.google.directory.delete(leaver.email)
    await run()
    world.clock.advance(HOUR_MS)
    const { id: accountId } = world.google.directory.add({ email: leaver.email })
    expect(kindsOf(await run())).toEqual([`connect ${leaver.email}`])
    const rows = (await calendars()).filter(({ ownerEmail }) => ownerEmail === leaver.email)
    expect(rows).toMatchObject([
      { id: leaver.id, state: 'disconnected', accountId: leaver.accountId },
      { accountId, state: 'connected', deduplicationKey: `${leaver.email}-google-sa` },
    ])
  })

  // Defect 23 of the predecessor: one of its commands made `-google-sa`, others looked for `-google-domain`.
  test('whose calendars came under the old key are found under it, and get the new one', async () => {
    const email = nameOf('legacy')
    const { id: accountId } = world.google.directory.add({ email })
    const id = await seedCalendar(world.app.db, world.clock, email, { provider: 'google', access: null })
    await world.app.db
      .updateTable('calendar')
      .set({ deduplicationKey: `${email}-google-domain`, credential: 'the whole key of the service account' })
      .where('id', '=', id)
      .execute()
    await run()
    expect((await calendars()).filter(({ ownerEmail }) => ownerEmail === email)).toMatchObject([
      { id, accountId, access: 'service_account', credential: null, deduplicationKey: `${email}-google-sa` },
    ])
  })

  test.each([
    ['is not authorised', (isSound: boolean) => authorize(isSound)],
    ['does not let its administrator read it', (isSound: boolean) => appoint(isSound)],
  ])('are left as they are while the directory %s', async (_, set) => {
    const person = await join('kept')
    set(false)
    await expect(run()).rejects.toThrow()
    expect(await calendarOf(person.email)).toMatchObject({ state: 'connected', releaseReason: null })
    set(true)
    world.clock.advance(2 * HOUR_MS)
    expect(kindsOf(await run())).toEqual([])
  })

  test('are left as they are when the list lacks whoever asked for it', async () => {
    const person = await join('kept')
    const other = nameOf('other')
    const calls: string[] = []
    const api: GoogleApi = {
      call: async (call) => {
        calls.push(call.path)
        return call.schema.parse({ users: [{ id: '1', primaryEmail: other }] })
      },
    }
    await expect(syncPeople(depsOf({ api }))).rejects.toThrow('not believed')
    const empty: GoogleApi = { call: async (call) => call.schema.parse({}) }
    await expect(syncPeople(depsOf({ api: empty }))).rejects.toThrow('not believed')
    expect(calls).toEqual(['/users'])
    expect(await calendarOf(person.email)).toMatchObject({ state: 'connected' })
    expect(await calendarOf(other)).toBeUndefined()
  })

  test('of whom one entry cannot be understood are connected, and nobody is taken to have left', async () => {
    const person = await join('kept')
    const api: GoogleApi = {
      call: async (call) =>
        call.schema.parse({ users: [{ id: '7', primaryEmail: 'admin@example.com' }, { primaryEmail: 7 }] }),
    }
    const { changes } = await syncPeople(depsOf({ api }))
    expect(changes.filter(({ kind }) => kind === 'release')).toEqual([])
    expect(await calendarOf(person.email)).toMatchObject({ state: 'connected' })
  })

  test('are those of PILOT_USERS only where these are named', async () => {
    const [chosen, other] = [await join('chosen'), await join('other')]
    const limited = await run({ pilotUsers: [chosen.email] })
    expect(kindsOf(limited)).toContain(`release ${other.email} not_selected`)
    expect(kindsOf(limited).join()).not.toContain(chosen.email)
    expect(kindsOf(await run())).toContain(`resume ${other.email}`)
  })

  test('are those of PILOT_USERS where there is no directory to read', async () => {
    const pilotUsers = [nameOf('pilot'), nameOf('pilot')]
    const before = world.google.usage.of('users.list').calls
    expect(kindsOf(await run({ adminEmail: undefined, pilotUsers }))).toEqual(
      pilotUsers.map((email) => `connect ${email}`),
    )
    expect(world.google.usage.of('users.list').calls).toBe(before)
    expect(kindsOf(await run({ adminEmail: undefined, pilotUsers: [] }))).toEqual([])
    expect(kindsOf(await run({ adminEmail: undefined, pilotUsers: pilotUsers.slice(1) }))).toEqual([
      `release ${pilotUsers[0]} not_selected`,
    ])
  })

  test('are read about hourly, and sooner again after a failure', async () => {
    const deps = depsOf()
    const state = async () =>
      (
        await world.app.db
          .selectFrom('setting')
          .select('value')
          .where('key', '=', 'google_directory')
          .executeTakeFirst()
      )?.value as { nextReadAt: string; failureCode: string | null }
    const waitMs = async () => Date.parse((await state()).nextReadAt) - world.clock.now().getTime()
    expect(await syncPeopleIfDue(deps)).toMatchObject({ failures: [] })
    expect(await waitMs()).toBe(HOUR_MS)
    expect(await syncPeopleIfDue(deps)).toBeUndefined()
    world.clock.advance(HOUR_MS)
    world.google.serviceAccount.trouble = 'policy'
    const failed = await syncPeopleIfDue(deps)
    expect(failed?.problem?.code).toMatch(/^google_/)
    expect((await state()).failureCode).toBe(failed?.problem?.code)
    expect(await waitMs()).toBe(HOUR_MS / 6)
    world.google.serviceAccount.trouble = null
    world.clock.advance(HOUR_MS / 6)
    expect((await syncPeopleIfDue(deps))?.problem).toBeUndefined()
    expect((await state()).failureCode).toBeNull()
  })

  // Defect 33 of the predecessor: the whole key stood in every calendar's row, and a new one reached none of them.
  test('are read with the key of the settings, which is in no row: another key needs no change', async () => {
    await join('somebody')
    const dump = JSON.stringify(await world.app.db.selectFrom('calendar').selectAll().execute())
    expect(dump).not.toContain('PRIVATE KEY')
    const oldKey = world.google.serviceAccount.key.private_key_id
    const env = { GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(world.google.serviceAccount.addKey()) }
    world.google.serviceAccount.deleteKey(oldKey)
    await using rotated = await world.restart(env)
    const { changes, unchanged } = await syncPeopleNow(peopleAtGoogle(rotated.app, { adminEmail: 'admin@example.com' }))
    expect(changes).toEqual([])
    expect(unchanged).toBeGreaterThan(0)
  })

  function authorize(isSound: boolean): void {
    const { authorizedScopes } = world.google.serviceAccount
    if (isSound) authorizedScopes.add(DIRECTORY_SCOPE)
    else authorizedScopes.delete(DIRECTORY_SCOPE)
    world.google.tokens.revoke(() => true)
  }

  function appoint(isAdmin: boolean): void {
    Object.assign(world.google.directory.find('admin@example.com') ?? {}, { isAdmin })
  }
})

const DIRECTORY_SCOPE = 'https://www.googleapis.com/auth/admin.directory.user.readonly'
