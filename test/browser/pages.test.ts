import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layla, rosa } from '../../sandbox/organisation.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { explainUnfit, type UnfitMeeting, writeTrial } from '../../src/features/attendance/index.ts'
import type { RunningBrowser } from '../../src/platform/browser/index.ts'
import { createSignInLink } from '../../src/platform/sessions/index.ts'
import { launchTestBrowser } from '../support/browser.ts'
import { createIdleProviders } from '../support/providers.ts'
import { seedGoogleOrganisation } from '../support/seed-google.ts'
import { seedOrganisation } from '../support/seed-organisation.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

const looks = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'light', width: 320 },
  { scheme: 'dark', width: 320 },
] as const

describe('The pages in a browser', () => {
  let running: RunningBrowser
  let browser: Browser
  let web: TestWeb
  let session: string
  let paths: Record<string, string>

  beforeAll(async () => {
    running = await launchTestBrowser()
    browser = running.browser
    const unfit: UnfitMeeting[] = []
    web = await startTestWeb({
      attendee: { attends: () => true, listUnfit: async () => unfit, tryOut: async () => {} },
    })
    session = await web.signIn({ email: 'ana@example.com', isAdmin: true })
    const { meetingId, calendarId } = await seedOrganisation(web)
    const meeting = await web.db.selectFrom('meeting').selectAll().where('id', '=', meetingId).executeTakeFirstOrThrow()
    unfit.push({ ...meeting, why: explainUnfit('no_passcode') })
    const said =
      'Zoom App credentials are required to create a Zoom bot. Please add them at https://attendee.example.com/projects/proj_1'
    const problem = { code: 'attendee_refused', said }
    const platforms = [
      { platform: 'google_meet' as const, problem: null, left: null },
      { platform: 'zoom' as const, problem, left: null },
    ]
    await writeTrial(web.db, { platforms, storage: null }, web.clock.now())
    paths = {
      plan: '/dashboard/',
      'an empty day': '/dashboard/?date=2026-11-29',
      'a meeting': `/dashboard/meetings/${meetingId}/`,
      calendars: '/dashboard/calendars/',
      'a calendar': `/dashboard/calendars/${calendarId}/?notice=sync_sent`,
      attendance: '/dashboard/attendance/',
      problems: '/dashboard/problems/',
      'nothing here': '/nope',
      'a wrong day': '/dashboard/?date=never',
    }
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await web[Symbol.asyncDispose]()
  })

  test.each(looks)('are sound in $scheme at $width px', async ({ scheme, width }) => {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } })
    await context.addCookies([{ name: 'session', value: session, url: web.origin }])
    const page = await context.newPage()
    const refused = watchPolicy(page)
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(web.origin + path)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name}: width`).toBeLessThanOrEqual(
        width,
      )
      expect(await violationsOf(page), name).toEqual([])
    }
    expect(refused).toEqual([])
    await context.close()
  })

  test('sign somebody in and out with buttons alone, scripts switched off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    const refused = watchPolicy(page)
    const token = await createSignInLink(web.db, web.clock, { email: 'ana@example.com', isAdmin: true })
    await page.goto(`${web.origin}/dashboard/sign-in/?token=${token}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(new URL(page.url()).pathname).toBe('/dashboard/')
    await page.getByRole('link', { name: 'Calendars' }).click()
    await page.getByRole('link', { name: 'ben@example.com' }).first().click()
    await page.getByRole('button', { name: 'Sync now' }).click()
    expect(await page.getByRole('status').textContent()).toContain('A sync is on its way')
    expect(web.sent).toHaveLength(1)
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in')
    expect(refused).toEqual([])
    await context.close()
  })

  test('let a keyboard skip to the content', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${web.origin}/dashboard/`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    await context.close()
  })
})

/** Collects what the Content-Security-Policy refused, which the browser says on its console. */
function watchPolicy(page: Page): string[] {
  const refused: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text())
  })
  return refused
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}

describe('The pages of a Google Workspace in a browser', () => {
  const google = {
    directory: { people: {} },
    push: { address: 'https://meetings.example.com/dashboard/webhook/google-calendar/' },
    consent: { redirectUri: undefined },
  }
  const providers = { ...createIdleProviders(), google }

  let running: RunningBrowser
  let web: TestWeb
  let session: string
  let ids: Record<string, string>

  beforeAll(async () => {
    running = await launchTestBrowser()
    web = await startTestWeb({ providers })
    ids = await seedGoogleOrganisation(web)
    const alarm = { name: 'google_service_account', code: 'google_org_key_rejected', message: 'The key was deleted.' }
    const at = web.clock.now()
    await web.db
      .insertInto('providerAlarm')
      .values({ ...alarm, raisedAt: at, seenAt: at, probeAt: at })
      .execute()
    session = await web.signIn({ email: 'admin@example.com', isAdmin: true })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await web?.[Symbol.asyncDispose]()
  })

  test.each(looks)('are sound in $scheme at $width px', async ({ scheme, width }) => {
    const context = await running.browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const refused = watchPolicy(page)
    const result = encodeURIComponent(JSON.stringify({ outcome: 'connected', email: 'ana@example.com' }))
    const connected = `/dashboard/auth/google/connected/?result=${result}`
    await page.goto(web.origin + connected)
    expect(await violationsOf(page), 'connected').toEqual([])
    await context.addCookies([{ name: 'session', value: session, url: web.origin }])
    for (const path of [
      '/dashboard/calendars/',
      '/dashboard/calendars/?owner=nobody',
      `/dashboard/calendars/${ids.ben}/`,
      `/dashboard/calendars/${ids.cleo}/`,
      '/dashboard/attendance/',
      connected,
    ]) {
      await page.goto(web.origin + path)
      const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(scrollWidth, `${path}: width`).toBeLessThanOrEqual(width)
      expect(await violationsOf(page), path).toEqual([])
    }
    expect(refused).toEqual([])
    await context.close()
  })

  test('switch attendance on with a button, once it is clear what that does', async () => {
    const modes: string[] = []
    const attendance = {
      switchTo: async (mode: string) => void modes.push(mode),
      want: async () => {},
      refuse: async () => {},
      followPlan: async () => {},
    }
    await using web = await startTestWeb({ providers, attendance })
    await seedGoogleOrganisation(web)
    const session = await web.signIn({ email: 'admin@example.com', isAdmin: true })
    const context = await running.browser.newContext({ javaScriptEnabled: false })
    await context.addCookies([{ name: 'session', value: session, url: web.origin }])
    const page = await context.newPage()
    await page.goto(`${web.origin}/dashboard/`)
    await page.getByRole('link', { name: 'See what that would do today' }).click()
    expect(await page.locator('main').textContent()).toContain('Switched on, bots would go to 2.')
    expect(await page.locator('main').textContent()).toContain('There is no way to join Zoom yet.')
    await page.getByRole('button', { name: 'Switch attendance on' }).click()
    expect(modes).toEqual(['on'])
    expect(await page.getByRole('status').textContent()).toContain('Attendance is on')
  })
})

describe('The sandbox’s own pages in a browser', () => {
  let running: RunningBrowser
  let sandbox: Sandbox

  beforeAll(async () => {
    running = await launchTestBrowser()
    sandbox = await startSandbox({ clock: systemClock })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await sandbox?.[Symbol.asyncDispose]()
  })

  test.each([looks[0], looks[3]])('are sound in $scheme at $width px', async ({ scheme, width }) => {
    const context = await running.browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const refused = watchPolicy(page)
    for (const path of ['/', ...[layla, rosa].map(({ email }) => `/people/${email}`)]) {
      await page.goto(sandbox.origin + path)
      const shown = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(shown, path).toBeLessThanOrEqual(width)
      expect(await violationsOf(page), path).toEqual([])
    }
    expect(refused).toEqual([])
    await context.close()
  })

  test('change a calendar by a form and a button, scripts switched off', async () => {
    const context = await running.browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${sandbox.origin}/people/kenji.moriyama@example.com`)
    await page.getByLabel('Title').fill('Typed')
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const item = page.getByRole('listitem').filter({ hasText: 'Typed' })
    await item.getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('What is wrong with this calendar').selectOption('notices lost')
    await page.getByRole('button', { name: 'Set' }).click()
    expect(await item.count()).toBe(0)
    expect(await page.getByLabel('What is wrong with this calendar').inputValue()).toBe('notices_lost')
    await context.close()
  })
})
