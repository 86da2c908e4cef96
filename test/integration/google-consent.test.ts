import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { type ConsentWorld, createBrowser, createConsentWorld } from '../support/consent.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'

const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar.readonly'
const START = '/dashboard/auth/google/'
const CALLBACK = '/dashboard/auth/google/callback/'

const ana = { email: 'ana@example.com' }

/** The same address as a program asks with that does not want consent asked again: only a first consent then brings a refresh token. */
function withoutPrompt(location: string): string {
  const url = new URL(location)
  url.searchParams.delete('prompt')
  return url.href
}

describe('Connecting a Google calendar by oneself', () => {
  let world: ConsentWorld

  beforeAll(async () => {
    world = await createConsentWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    await world.app.db.deleteFrom('calendar').execute()
    for (const { primaryEmail } of world.google.directory.people) world.google.oauth.withdraw(primaryEmail)
  })

  const begin = async (browser = createBrowser(), path = START) => {
    const { status, location, cookie } = await browser.open(world.origin + path)
    expect(status).toBe(302)
    return { browser, location, cookie }
  }
  /** Where Google sends the browser of somebody who consents. */
  const decide = (location: string, person: { email: string; without?: readonly string[] }) =>
    world.google.oauth.decide(location, person).href
  const tokenOf = ({ credential }: { credential: string | null }) => world.app.sync.decrypt(credential ?? '')
  /** Whose consent the stored refresh token of a calendar is. */
  const consentOf = (calendar: { credential: string | null } | undefined) =>
    world.google.oauth.consents.find(calendar ? tokenOf(calendar) : '')?.personId
  /** Consents as somebody, and comes back. */
  const connect = async (
    person: { email: string; without?: readonly string[] } = ana,
    change = (location: string) => location,
  ) => {
    const { browser, location } = await begin()
    const back = decide(change(location), person)
    return { browser, back, answer: await browser.open(back) }
  }
  const calendars = () => world.app.db.selectFrom('calendar').selectAll().orderBy('createdAt').execute()

  test('asks Google with a state, a code challenge, our exact address, offline access and no more than reading', async () => {
    const { location, cookie } = await begin()
    const { searchParams: query } = new URL(location)
    expect(location.startsWith(world.google.environment.GOOGLE_AUTHORIZE_URL)).toBe(true)
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: world.google.oauth.client.id,
      redirect_uri: world.origin + CALLBACK,
      scope: `openid email ${CALENDAR_SCOPE}`,
      access_type: 'offline',
      code_challenge_method: 'S256',
    })
    const secret = /google-consent=([^;]+)/.exec(cookie)?.[1] ?? ''
    expect(query.get('code_challenge')).toBe(createHash('sha256').update(secret).digest('base64url'))
    expect(location).not.toContain(secret)
    expect(cookie).toMatch(/HttpOnly/i)
    expect(cookie).toMatch(/SameSite=Lax/i)
    expect((await begin()).location).not.toBe(location)
  })

  // Defects 35 and 36 of the predecessor: the calendar could not be made, the tokens went where no sync looked, and success was shown.
  test('leaves a calendar with its token encrypted, and its first reading on the way; the page says what happens next', async () => {
    const { browser, answer } = await connect()
    expect(answer.status).toBe(303)
    expect(answer.location).not.toContain('code=')
    const page = await browser.open(answer.location)
    expect(page.status).toBe(200)
    expect(page.body).toContain('Your calendar is connected')
    expect(page.body).toContain('ana@example.com')
    expect(page.body).toContain('What happens next')
    const [calendar, ...others] = await calendars()
    expect(others).toEqual([])
    expect(calendar).toMatchObject({
      provider: 'google',
      access: 'oauth',
      state: 'connected',
      ownerEmail: 'ana@example.com',
      accountId: world.google.directory.find('ana@example.com')?.id,
      deduplicationKey: 'ana@example.com-google-oauth',
    })
    expect(calendar?.credential).toMatch(/^gAAAA/)
    expect(consentOf(calendar)).toBe(calendar?.accountId)
    const jobs = await world.app.queue.boss.findJobs('sync-calendar', { key: calendar?.id as string })
    expect(jobs.map(({ state }) => state)).toEqual(['created'])
    expect(world.logs.text()).not.toContain(tokenOf(calendar ?? { credential: null }))
  })

  // Defect 34 of the predecessor: anybody could attach any calendar, or make somebody attach theirs.
  test.each([
    ['without a state', async (back: URL) => back.searchParams.delete('state')],
    ['with a state that we did not write', async (back: URL) => back.searchParams.set('state', 'gAAAAABoTuGAnobodys')],
    [
      'with a state of another browser',
      async (back: URL) => {
        const { location } = await begin()
        back.searchParams.set('state', new URL(location).searchParams.get('state') ?? '')
      },
    ],
  ])('is refused %s', async (_, change) => {
    const { browser, location } = await begin()
    const back = new URL(decide(location, ana))
    await change(back)
    const answer = await browser.open(back.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('Begin again')
    expect(await calendars()).toEqual([])
  })

  test('is refused to a browser that did not begin it', async () => {
    const { location } = await begin()
    const back = decide(location, ana)
    const exchanges = world.exchanges()
    expect((await createBrowser().open(back)).status).toBe(400)
    const other = await begin()
    expect((await other.browser.open(back)).status).toBe(400)
    expect(world.exchanges()).toBe(exchanges)
    expect(await calendars()).toEqual([])
  })

  test('costs the log a short line where somebody only makes it up, and no stack', async () => {
    const before = world.logs.entries().length
    await createBrowser().open(`${world.origin}${CALLBACK}?code=${'x'.repeat(3_000)}&state=${'y'.repeat(3_000)}`)
    await createBrowser().open(`${world.origin}${CALLBACK}?error=${'z'.repeat(3_000)}&state=y`)
    const lines = world.logs.entries().slice(before)
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toMatchObject({ level: 'info', error: { code: expect.any(String), message: expect.any(String) } })
      expect(JSON.stringify(line)).not.toContain('"stack"')
      expect(JSON.stringify(line).length).toBeLessThan(600)
    }
  })

  test('works once: the same answer again is refused, also with its cookie', async () => {
    const { browser, location } = await begin()
    const kept = new Map(browser.cookies)
    const back = decide(location, ana)
    expect((await browser.open(back)).status).toBe(303)
    const exchanges = world.exchanges()
    for (const [name, value] of kept) browser.cookies.set(name, value)
    const again = await browser.open(back)
    expect(again.status).toBe(400)
    expect(again.body).toContain('used before')
    expect(world.exchanges()).toBe(exchanges)
    expect(await calendars()).toHaveLength(1)
  })

  test('is refused with a code that was used already, or that belongs to another consent', async () => {
    const { back } = await connect()
    await world.app.db.deleteFrom('calendar').execute()
    const { browser, location } = await begin()
    const own = new URL(decide(location, ana))
    own.searchParams.set('code', new URL(back).searchParams.get('code') ?? '')
    const answer = await browser.open(own.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('cannot be used')
    expect(await calendars()).toEqual([])
  })

  test('is refused after a quarter of an hour', async () => {
    const { browser, location } = await begin()
    const back = decide(location, ana)
    world.clock.advance(16 * 60_000)
    const answer = await browser.open(back)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('15 minutes')
    expect(await calendars()).toEqual([])
  })

  test.each([
    ['access_denied', 'You did not allow access'],
    ['admin_policy_enforced', 'policy at Google'],
    ['something <b>new</b>', 'Google did not connect the calendar'],
  ])('says what %s means, in our words', async (error, sentence) => {
    const { browser, location } = await begin()
    const back = new URL(decide(location, ana))
    back.searchParams.delete('code')
    back.searchParams.set('error', error)
    const answer = await browser.open(back.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(sentence)
    expect(answer.body).not.toContain('<b>new')
  })

  test('is refused where the box for the calendar was left unticked', async () => {
    const { answer } = await connect({ ...ana, without: [CALENDAR_SCOPE] })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('not ticked')
    expect(await calendars()).toEqual([])
  })

  test('is refused to an account whose address Google has not verified', async () => {
    world.google.directory.add({ email: 'una@example.com', isEmailVerified: false })
    const { answer } = await connect({ email: 'una@example.com' })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('not verified')
    expect(await calendars()).toEqual([])
  })

  // Defect 38 of the predecessor.
  test('is refused to accounts outside the organisation, unless an administrator connects one', async () => {
    const outsider = { email: 'someone@gmail.example' }
    world.google.directory.add({ ...outsider, hostedDomain: null })
    const { answer } = await connect(outsider)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('does not belong to this organisation')
    expect(await calendars()).toEqual([])
    const { browser, location } = await begin()
    const { db } = world.app
    const link = await createSignInLink(db, world.clock, { email: 'admin@example.com', isAdmin: true })
    const session = await redeemSignInLink(db, world.clock, link)
    browser.cookies.set('session', typeof session === 'string' ? '' : session.token)
    expect((await browser.open(decide(location, outsider))).status).toBe(303)
    expect(await calendars()).toHaveLength(1)
  })

  // Defect 37 of the predecessor: a later consent without a refresh token wiped the stored one.
  test('a second time keeps the refresh token where Google sends none, and the calendar', async () => {
    await connect()
    const [first] = await calendars()
    const { answer } = await connect(ana, withoutPrompt)
    expect(answer.status).toBe(303)
    const [second, ...others] = await calendars()
    expect(others).toEqual([])
    expect(second?.id).toBe(first?.id)
    expect(tokenOf(second ?? { credential: null })).toBe(tokenOf(first ?? { credential: null }))
    await connect()
    const [third] = await calendars()
    expect(tokenOf(third ?? { credential: null })).not.toBe(tokenOf(first ?? { credential: null }))
    expect(consentOf(third)).toBe(first?.accountId)
  })

  test('without a refresh token and with none stored says how to get one', async () => {
    await connect()
    await world.app.db.deleteFrom('calendar').execute()
    const { answer } = await connect(ana, withoutPrompt)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('third-party access')
    expect(await calendars()).toEqual([])
  })

  test('goes by the account and not by its address: a new address is the same calendar, an old one somebody else', async () => {
    const { directory } = world.google
    const bea = directory.add({ email: 'bea@example.com' })
    await connect({ email: 'bea@example.com' })
    const [first] = await calendars()
    directory.rename('bea@example.com', 'bea.lima@example.com', { keepsAlias: false })
    await connect({ email: 'bea.lima@example.com' })
    expect(await calendars()).toMatchObject([
      { id: first?.id, ownerEmail: 'bea.lima@example.com', deduplicationKey: 'bea.lima@example.com-google-oauth' },
    ])
    directory.rename('bea.lima@example.com', 'bea.roth@example.com', { keepsAlias: false })
    const next = directory.add({ email: 'bea.lima@example.com' })
    await connect({ email: 'bea.lima@example.com' })
    const rows = await calendars()
    expect(rows.map(({ accountId }) => accountId)).toEqual([bea.id, next.id])
    expect(rows.map(consentOf)).toEqual([bea.id, next.id])
  })

  test('under a new address organises there at once, and the plan knows', async () => {
    const { directory } = world.google
    directory.add({ email: 'cleo@example.com' })
    await connect({ email: 'cleo@example.com' })
    const [calendar] = await calendars()
    const attendees = [{ email: 'guest@example.org', name: null, response: 'accepted', kind: 'person' } as const]
    const location = 'https://meet.google.com/abc-defg-hij'
    const own = {
      title: 'Own round',
      at: '2026-11-24T09:00:00Z',
      location,
      organizerEmail: 'cleo@example.com',
      attendees,
    }
    await seedEvents(world.app, [{ id: calendar?.id ?? '', owner: 'cleo@example.com' }], [own])
    directory.rename('cleo@example.com', 'cleo.roth@example.com')
    await connect({ email: 'cleo.roth@example.com' })
    expect(await findBrokenInvariants(world.app.db)).toEqual([])
    const variants = await world.app.db.selectFrom('occurrenceVariant').select(['isOrganizerCopy', 'copies']).execute()
    expect(variants).toEqual([{ isOrganizerCopy: false, copies: 1 }])
  })

  test('of somebody whose calendar the organisation reads already makes no second copy', async () => {
    await seedCalendar(world.app.db, world.clock, 'ana@example.com', { provider: 'google', access: 'service_account' })
    const { browser, answer } = await connect()
    expect((await browser.open(answer.location)).body).toContain('connected already')
    expect(await calendars()).toHaveLength(1)
  })

  test('while Google is away says so, and works when begun again', async () => {
    const repair = world.google.faults.order({ fault: 'backend_error', method: 'token' })
    const { answer } = await connect()
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('try again')
    repair()
    expect((await connect()).answer.status).toBe(303)
  })

  test("starts and ends at calendar-app's addresses too, with their query", async () => {
    const browser = createBrowser()
    const start = await browser.open(`${world.origin}/auth/google?login_hint=ana@example.com`)
    expect(start.location).toBe(`${world.origin}${START}?login_hint=ana@example.com`)
    const { location } = await begin(browser, `${START}?login_hint=ana@example.com`)
    expect(new URL(location).searchParams.get('login_hint')).toBe('ana@example.com')
    const back = decide(location, ana).replace(CALLBACK, '/auth/google/callback')
    const redirected = await browser.open(back)
    expect(redirected.location.startsWith(`${world.origin}${CALLBACK}?state=`)).toBe(true)
    expect((await browser.open(redirected.location)).status).toBe(303)
  })

  test('shows no words of an address', async () => {
    const page = await createBrowser().open(`${world.origin}/dashboard/auth/google/connected/?result=you+won`)
    expect(page.body).not.toContain('you won')
  })
})

describe('Where it is not said whose accounts may be connected', () => {
  test('only an administrator connects one', async () => {
    await using world = await createConsentWorld({ ORG_DOMAINS: '' })
    const browser = createBrowser()
    const { location } = await browser.open(world.origin + START)
    const answer = await browser.open(world.google.oauth.decide(location, ana).href)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('ORG_DOMAINS')
  })

  test('and where no client is set up, the page says what is missing', async () => {
    await using world = await createConsentWorld({ GOOGLE_CLIENT_ID: '', GOOGLE_CLIENT_SECRET: '' })
    const answer = await createBrowser().open(world.origin + START)
    expect(answer.status).toBe(404)
    expect(answer.body).toContain('GOOGLE_CLIENT_ID')
  })
})

test('GOOGLE_REDIRECT_URI is what Google is told, letter by letter, in both steps', async () => {
  const registered = 'https://old.example.com/auth/google/callback'
  await using world = await createConsentWorld({ GOOGLE_REDIRECT_URI: registered })
  world.google.oauth.redirectUris.add(registered)
  const browser = createBrowser()
  const { location } = await browser.open(world.origin + START)
  expect(new URL(location).searchParams.get('redirect_uri')).toBe(registered)
  const back = world.google.oauth.decide(location, ana)
  expect((await browser.open(`${world.origin}${CALLBACK}${back.search}`)).status).toBe(303)
})
