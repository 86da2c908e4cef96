import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { type ConsentWorld, createBrowser, createConsentWorld } from '../support/consent.ts'
import { seedCalendar } from '../support/seed.ts'

const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar.readonly'
const START = '/dashboard/auth/google/'
const CALLBACK = '/dashboard/auth/google/callback/'

const ana = { sub: '1001', email: 'ana@example.com', refreshToken: 'refresh token of Ana' }

describe('Connecting a Google calendar by oneself', () => {
  let world: ConsentWorld

  beforeAll(async () => {
    world = await createConsentWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    await world.app.db.deleteFrom('calendar').execute()
    world.google.tokenStatus = 200
  })

  const begin = async (browser = createBrowser(), path = START) => {
    const { status, location, cookie } = await browser.open(world.origin + path)
    expect(status).toBe(302)
    return { browser, location, cookie }
  }
  /** Consents as somebody, and comes back. */
  const connect = async (person: Parameters<ConsentWorld['google']['consent']>[1] = ana) => {
    const { browser, location } = await begin()
    const back = world.google.consent(location, person)
    return { browser, back, answer: await browser.open(back) }
  }
  const calendars = () => world.app.db.selectFrom('calendar').selectAll().orderBy('createdAt').execute()

  test('asks Google with a state, a code challenge, our exact address, offline access and no more than reading', async () => {
    const { location, cookie } = await begin()
    const { searchParams: query } = new URL(location)
    expect(location.startsWith(world.google.environment.GOOGLE_AUTHORIZE_URL)).toBe(true)
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: 'client',
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
      accountId: '1001',
      deduplicationKey: 'ana@example.com-google-oauth',
    })
    expect(calendar?.credential).toMatch(/^gAAAA/)
    expect(world.app.sync.decrypt(calendar?.credential ?? '')).toBe('refresh token of Ana')
    const jobs = await world.app.queue.boss.findJobs('sync-calendar', { key: calendar?.id as string })
    expect(jobs.map(({ state }) => state)).toEqual(['created'])
    expect(world.logs.text()).not.toContain('refresh token')
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
    const back = new URL(world.google.consent(location, ana))
    await change(back)
    const answer = await browser.open(back.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('Begin again')
    expect(await calendars()).toEqual([])
  })

  test('is refused to a browser that did not begin it', async () => {
    const { location } = await begin()
    const back = world.google.consent(location, ana)
    const exchanges = world.google.exchanges
    expect((await createBrowser().open(back)).status).toBe(400)
    const other = await begin()
    expect((await other.browser.open(back)).status).toBe(400)
    expect(world.google.exchanges).toBe(exchanges)
    expect(await calendars()).toEqual([])
  })

  test('works once: the same answer again is refused, also with its cookie', async () => {
    const { browser, location } = await begin()
    const kept = new Map(browser.cookies)
    const back = world.google.consent(location, ana)
    expect((await browser.open(back)).status).toBe(303)
    const exchanges = world.google.exchanges
    for (const [name, value] of kept) browser.cookies.set(name, value)
    const again = await browser.open(back)
    expect(again.status).toBe(400)
    expect(again.body).toContain('used before')
    expect(world.google.exchanges).toBe(exchanges)
    expect(await calendars()).toHaveLength(1)
  })

  test('is refused with a code that was used already, or that belongs to another consent', async () => {
    const { back } = await connect()
    await world.app.db.deleteFrom('calendar').execute()
    const { browser, location } = await begin()
    const own = new URL(world.google.consent(location, ana))
    own.searchParams.set('code', new URL(back).searchParams.get('code') ?? '')
    const answer = await browser.open(own.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('cannot be used')
    expect(await calendars()).toEqual([])
  })

  test('is refused after a quarter of an hour', async () => {
    const { browser, location } = await begin()
    const back = world.google.consent(location, ana)
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
    const back = new URL(world.google.consent(location, ana))
    back.searchParams.delete('code')
    back.searchParams.set('error', error)
    const answer = await browser.open(back.href)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(sentence)
    expect(answer.body).not.toContain('<b>new')
  })

  test('is refused where the box for the calendar was left unticked', async () => {
    const { answer } = await connect({ ...ana, without: CALENDAR_SCOPE })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('not ticked')
    expect(await calendars()).toEqual([])
  })

  test('is refused to an account whose address Google has not verified', async () => {
    const { answer } = await connect({ ...ana, isVerified: false })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('not verified')
    expect(await calendars()).toEqual([])
  })

  // Defect 38 of the predecessor.
  test('is refused to accounts outside the organisation, unless an administrator connects one', async () => {
    const outsider = { sub: '2002', email: 'someone@gmail.example', refreshToken: 'r' }
    const { answer } = await connect(outsider)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('does not belong to this organisation')
    expect(await calendars()).toEqual([])
    const { browser, location } = await begin()
    const { db } = world.app
    const link = await createSignInLink(db, world.clock, { email: 'admin@example.com', isAdmin: true })
    const session = await redeemSignInLink(db, world.clock, link)
    browser.cookies.set('session', typeof session === 'string' ? '' : session.token)
    expect((await browser.open(world.google.consent(location, outsider))).status).toBe(303)
    expect(await calendars()).toHaveLength(1)
  })

  // Defect 37 of the predecessor: a later consent without a refresh token wiped the stored one.
  test('a second time keeps the refresh token where Google sends none, and the calendar', async () => {
    await connect()
    const [first] = await calendars()
    const { answer } = await connect({ ...ana, refreshToken: undefined })
    expect(answer.status).toBe(303)
    const [second, ...others] = await calendars()
    expect(others).toEqual([])
    expect(second?.id).toBe(first?.id)
    expect(world.app.sync.decrypt(second?.credential ?? '')).toBe('refresh token of Ana')
    await connect({ ...ana, refreshToken: 'a newer one' })
    expect(world.app.sync.decrypt((await calendars())[0]?.credential ?? '')).toBe('a newer one')
  })

  test('without a refresh token and with none stored says how to get one', async () => {
    const { answer } = await connect({ ...ana, refreshToken: undefined })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('third-party access')
    expect(await calendars()).toEqual([])
  })

  test('goes by the account and not by its address: a new address is the same calendar, an old one somebody else', async () => {
    await connect()
    const [first] = await calendars()
    await connect({ ...ana, email: 'ana.lima@example.com' })
    expect(await calendars()).toMatchObject([
      { id: first?.id, ownerEmail: 'ana.lima@example.com', deduplicationKey: 'ana.lima@example.com-google-oauth' },
    ])
    await connect({ sub: '3003', email: 'ana.lima@example.com', refreshToken: 'of the next Ana' })
    const rows = await calendars()
    expect(rows).toHaveLength(2)
    expect(rows.map(({ accountId, credential }) => [accountId, world.app.sync.decrypt(credential ?? '')])).toEqual([
      ['1001', 'refresh token of Ana'],
      ['3003', 'of the next Ana'],
    ])
  })

  test('of somebody whose calendar the organisation reads already makes no second copy', async () => {
    await seedCalendar(world.app.db, world.clock, 'ana@example.com', { provider: 'google', access: 'service_account' })
    const { browser, answer } = await connect()
    expect((await browser.open(answer.location)).body).toContain('connected already')
    expect(await calendars()).toHaveLength(1)
  })

  test('while Google is away says so, and works when begun again', async () => {
    world.google.tokenStatus = 503
    const { answer } = await connect()
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('try again')
    world.google.tokenStatus = 200
    expect((await connect()).answer.status).toBe(303)
  })

  test("starts and ends at calendar-app's addresses too, with their query", async () => {
    const browser = createBrowser()
    const start = await browser.open(`${world.origin}/auth/google?login_hint=ana@example.com`)
    expect(start.location).toBe(`${world.origin}${START}?login_hint=ana@example.com`)
    const { location } = await begin(browser, `${START}?login_hint=ana@example.com`)
    expect(new URL(location).searchParams.get('login_hint')).toBe('ana@example.com')
    const back = world.google.consent(location, ana).replace(CALLBACK, '/auth/google/callback')
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
    const answer = await browser.open(world.google.consent(location, ana))
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
  await using world = await createConsentWorld({ GOOGLE_REDIRECT_URI: 'https://old.example.com/auth/google/callback' })
  const browser = createBrowser()
  const { location } = await browser.open(world.origin + START)
  expect(new URL(location).searchParams.get('redirect_uri')).toBe('https://old.example.com/auth/google/callback')
  const back = new URL(world.google.consent(location, ana))
  expect((await browser.open(`${world.origin}${CALLBACK}${back.search}`)).status).toBe(303)
})
