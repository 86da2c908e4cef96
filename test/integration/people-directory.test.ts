import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { syncCalendar, syncPeopleIfDue, syncPeopleNow } from '../../src/features/calendars/index.ts'
import { personOf, recognise } from '../../src/features/people/index.ts'
import { createGoogleTestApp, type GoogleTestApp } from '../support/google-app.ts'
import { membersOf } from '../support/group-members.ts'
import { peopleAtGoogle } from '../support/providers.ts'

const HOUR_MS = 3_600_000
const GROUP_SCOPE = 'https://www.googleapis.com/auth/admin.directory.group.member.readonly'
const admin = 'admin@example.com'
const [ana, ben, cleo] = ['ana@example.com', 'ben@example.com', 'cleo@example.com'] as const

describe('The directory of the domain', () => {
  let world: GoogleTestApp

  beforeAll(async () => {
    const people = [ana, ben, cleo].map((email) => ({ email, name: email.replace('@example.com', ' lima') }))
    world = await createGoogleTestApp({ people: [{ email: admin, isAdmin: true }, ...people] })
    await read()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(() => {
    world.clock.advance(24 * HOUR_MS)
  })

  const deps = () => ({ ...peopleAtGoogle(world.app, { adminEmail: admin }), random: () => 0.5 })
  const read = () => syncPeopleNow(deps())
  const whoIs = async (address: string, at?: Date) => (await personOf(world.app.db, [address], at)).get(address)
  const groupOf = async (address: string) => (await membersOf(world.app.db, [address])).get(address)
  async function readCalendarOf(ownerEmail: string) {
    const { id } = await world.app.db
      .selectFrom('calendar')
      .select('id')
      .where('ownerEmail', '=', ownerEmail)
      .executeTakeFirstOrThrow()
    await syncCalendar(world.app.sync, { calendarId: id })
  }
  const invite = (...emails: string[]) => {
    const startsAt = world.clock.now().getTime() + HOUR_MS
    return world.google.as(ana).insert({
      summary: 'Plan',
      start: { dateTime: new Date(startsAt).toISOString() },
      end: { dateTime: new Date(startsAt + HOUR_MS).toISOString() },
      attendees: emails.map((email) => ({ email })),
    })
  }

  test('says who has which addresses and names, also of people whose calendars were not chosen', async () => {
    await syncPeopleNow({ ...deps(), pilotUsers: [ana] })
    expect(await whoIs(cleo)).not.toContain('@')
    expect(await recognise(world.app.db, [{ name: 'Cleo Lima' }])).toEqual([
      { person: await whoIs(cleo), address: cleo },
    ])
    await read()
  })

  test('keeps an account through a rename, and gives a freed address to whoever has it next', async () => {
    const { directory } = world.google
    directory.add({ email: 'dora@example.com' })
    await read()
    const [dora, before] = [await whoIs('dora@example.com'), world.clock.now()]
    directory.rename('dora@example.com', 'dora.sol@example.com', { keepsAlias: false })
    world.clock.advance(HOUR_MS)
    directory.add({ email: 'dora@example.com' })
    await read()
    expect(await whoIs('dora.sol@example.com')).toBe(dora)
    expect(await whoIs('dora@example.com')).not.toBe(dora)
    expect(await whoIs('dora@example.com', before)).toBe(dora)
  })

  test('is not asked, and nobody has an account, where only pilot users are named', async () => {
    await using pilot = await createGoogleTestApp({ people: [{ email: ana }] })
    await syncPeopleNow({ ...pilot.app.people, pilotUsers: [ana] })
    expect((await personOf(pilot.app.db, [ana])).get(ana)).toBe(ana)
  })

  test('is asked who is in a group soon after an invitation names one, and again with each reading', async () => {
    const team = 'team@example.com'
    world.google.groups.set(team, [ben, 'crew@example.com', 'kim@example.org'])
    world.google.groups.set('crew@example.com', [cleo, team])
    invite(ben, team, 'nobody@example.com', 'list@example.org')
    await read()
    await readCalendarOf(ana)
    expect(await groupOf(team)).toBeUndefined()
    await syncPeopleIfDue(deps())
    expect(await groupOf(team)).toEqual([ben, cleo, 'kim@example.org'])
    expect([...(await membersOf(world.app.db, ['nobody@example.com', 'list@example.org', ben]))]).toEqual([])

    world.google.groups.set('crew@example.com', [])
    world.clock.advance(HOUR_MS)
    await syncPeopleIfDue(deps())
    expect(await groupOf(team)).toEqual([ben, 'kim@example.org'])
  })

  test('knows who is in a group of everybody, page by page', async () => {
    world.google.groups.set('all@example.com', ['*', ...Array.from({ length: 210 }, (_, i) => `list${i}@example.org`)])
    invite('all@example.com')
    await readCalendarOf(ana)
    await read()
    const members = await groupOf('all@example.com')
    expect(members).toContain(cleo)
    expect(members).toContain('list209@example.org')
  })

  test('goes on as before where the Admin console does not allow asking who is in groups', async () => {
    const { authorizedScopes } = world.google.serviceAccount
    authorizedScopes.delete(GROUP_SCOPE)
    world.google.tokens.revoke(() => true)
    await world.app.db.deleteFrom('accessToken').execute()
    world.google.groups.set('late@example.com', [cleo])
    await readCalendarOf(ana)
    invite('late@example.com')
    await readCalendarOf(ana)
    world.clock.advance(HOUR_MS)
    const result = await read()
    expect(result.groupProblem?.code).toBe('google_org_not_authorized')
    expect((await membersOf(world.app.db, ['late@example.com'])).has('late@example.com')).toBe(true)
    expect(await groupOf('late@example.com')).toBeUndefined()
    expect(await world.app.db.selectFrom('providerAlarm').select('name').execute()).toEqual([])
    await readCalendarOf(ben)

    authorizedScopes.add(GROUP_SCOPE)
    world.clock.advance(HOUR_MS)
    expect((await read()).groupProblem).toBeUndefined()
    expect(await groupOf('late@example.com')).toEqual([cleo])
  })
})
