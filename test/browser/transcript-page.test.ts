import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTranscriptToken, revokeLinks, transcriptPath } from '../../src/features/transcripts/index.ts'
import type { RunningBrowser } from '../../src/platform/browser/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { launchTestBrowser } from '../support/browser.ts'
import {
  conversation,
  makeTone,
  type SeedLine,
  type SeedTranscript,
  seedTranscript,
} from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

const looks = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'light', width: 360 },
  { scheme: 'dark', width: 360 },
] as const

const tone = makeTone(90)
const audio = {
  open: async () => ({
    sizeBytes: tone.length,
    contentType: 'audio/wav',
    etag: '"tone"',
    alsoOf: [],
    read: ({ start, end }: { start: number; end?: number }) =>
      (async function* () {
        yield tone.subarray(start, end)
      })(),
  }),
}
/** Enough turns to fill several screens, one every two seconds. */
const longTalk: SeedLine[] = Array.from({ length: 40 }, (_, index) => ({
  by: index % 2 === 0 ? 'Ana Lima' : 'Ben Levi',
  at: index * 2,
  seconds: 1,
  text: `Sentence number ${index}. `.repeat(12),
}))

describe('The page of a transcript in a browser', () => {
  let running: RunningBrowser
  let browser: Browser
  let web: TestWeb

  beforeAll(async () => {
    running = await launchTestBrowser(['--autoplay-policy=user-gesture-required'])
    browser = running.browser
    web = await startTestWeb({ audio, bot: { name: 'Meeting Assistant', contact: 'admin@example.com' } })
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
    await web[Symbol.asyncDispose]()
  })

  const linkTo = (meetingId: string) =>
    web.origin +
    transcriptPath(
      meetingId,
      createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now: web.clock.now() }),
    )

  /** A page of a meeting, with all that the browser complained about. */
  async function open(seed: SeedTranscript, options: Parameters<Browser['newContext']>[0] = {}) {
    const seeded = await seedTranscript(web, { durationSeconds: 90, ...seed })
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const complaints = watch(page)
    await page.goto(linkTo(seeded.meetingId))
    return { ...seeded, context, page, complaints }
  }

  test.each(looks)('is sound in $scheme at $width px, in every state', async ({ scheme, width }) => {
    const states: SeedTranscript[] = [
      { lines: conversation, isWhole: false, lateSeconds: 240 },
      { lines: [...conversation.slice(0, 4), { by: 'Ben Levi', at: 40, isPending: true }], end: 'live' },
      {},
      { end: null, at: '2026-11-23T10:00:00Z' },
    ]
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const complaints = watch(page)
    const ids = await Promise.all(states.map(async (seed) => (await seedTranscript(web, seed)).meetingId))
    for (const address of [...ids.map(linkTo), `${web.origin}/about-bot/`]) {
      await page.goto(address)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBeLessThanOrEqual(width)
      for (const summary of await page.locator('summary:visible').all()) await summary.click()
      expect(await violationsOf(page), address).toEqual([])
    }
    expect(complaints).toEqual([])
    await context.close()
  })

  test('opens from a mail on another site, and the token leaves the address', async () => {
    const { meetingId } = await seedTranscript(web, { lines: conversation })
    await using mail = await startMail(linkTo(meetingId))
    const page = await browser.newPage()
    const complaints = watch(page)
    await page.goto(`${mail.origin}/`)
    await page.getByRole('link', { name: 'Transcript' }).click()
    await page.getByText('Good morning everyone.').waitFor()
    await page.waitForURL(web.origin + transcriptPath(meetingId))
    // The cookie goes on where the token was.
    await page.reload()
    expect(await page.getByText('Good morning everyone.').count()).toBe(1)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(complaints).toEqual([])
    await page.close()
  })

  test('plays from a clicked time, marks what is heard, and can be linked to', async () => {
    const { page, context, complaints, meetingId } = await open({ lines: conversation })
    await page.getByRole('link', { name: '0:12' }).click()
    await playing(page)
    expect(await page.evaluate(() => document.querySelector('audio')?.currentTime)).toBeGreaterThanOrEqual(12)
    expect(await page.locator('.turn[aria-current]').getAttribute('id')).toBe('t=12')
    expect(new URL(page.url()).hash).toBe('#t=12')
    await page.keyboard.press('k')
    await page.waitForFunction(() => document.querySelector('audio')?.paused)
    // A link to a moment goes there, and makes no sound by itself.
    await page.goto(`${linkTo(meetingId)}#t=27.5`)
    await page.waitForFunction(() => document.querySelector('audio')?.currentTime === 27.5)
    expect(await page.evaluate(() => document.querySelector('audio')?.paused)).toBe(true)
    await page.waitForFunction(() => document.querySelector('[aria-current]')?.id === 't=27')
    expect(complaints).toEqual([])
    await context.close()
  })

  test('plays a file that begins later than the recording at its place', async () => {
    const { page, context, meetingId } = await open({ lines: conversation })
    await web.db.updateTable('recording').set({ fileStartedMs: 10_000 }).where('meetingId', '=', meetingId).execute()
    await page.reload()
    await page.getByRole('link', { name: '0:12' }).click()
    await playing(page)
    const at = await page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0)
    expect(at).toBeGreaterThanOrEqual(2)
    expect(at).toBeLessThan(10)
    expect(await page.locator('.turn[aria-current]').getAttribute('id')).toBe('t=12')
    await context.close()
  })

  test('follows the sound, yields to the reader, and comes back when asked', async () => {
    const { page, context } = await open({ lines: longTalk })
    const isInView = (id: string) =>
      page.waitForFunction((turn) => {
        const box = document.getElementById(turn)?.getBoundingClientRect()
        return box !== undefined && box.bottom > 60 && box.top < window.innerHeight
      }, id)
    const seek = (seconds: number) =>
      page.evaluate((to) => {
        ;(document.querySelector('audio') as HTMLAudioElement).currentTime = to
      }, seconds)
    await page.getByRole('link', { name: '0:00' }).click()
    await playing(page)
    await seek(40.5)
    await isInView('t=40')
    // The reader scrolls away: the page stays there, and offers the way back.
    await page.mouse.move(600, 500)
    // A hand turns a wheel in many small steps; the first may meet the page on its way and only stop it.
    for (let step = 0; step < 12; step++) await page.mouse.wheel(0, -500)
    const back = page.getByRole('button', { name: /^↓ Back to 0:4/ })
    await back.waitFor()
    await seek(60.5)
    await page.getByRole('button', { name: /^↓ Back to 1:0/ }).waitFor()
    expect(await page.evaluate(() => window.scrollY)).toBeLessThan(100)
    await page.getByRole('button', { name: /Back to/ }).click()
    await page.waitForFunction(() => (document.querySelector('[data-back-to]') as HTMLElement).hidden)
    await page.waitForFunction(() => {
      const box = document.querySelector('[aria-current]')?.getBoundingClientRect()
      return box !== undefined && box.bottom > 60 && box.top < window.innerHeight
    })
    // Marking text is a wish to be left alone, too.
    await page.evaluate(() => {
      document.getSelection()?.selectAllChildren(document.querySelector('[aria-current] .said') as Element)
    })
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    const place = await page.evaluate(() => window.scrollY)
    await seek(4.5)
    await page.getByRole('button', { name: /^↑ Back to 0:0/ }).waitFor()
    expect(await page.evaluate(() => window.scrollY)).toBe(place)
    await page.keyboard.press('f')
    expect(await page.getByRole('checkbox', { name: 'Follow' }).isChecked()).toBe(false)
    expect(await page.getByRole('button', { name: /Back to/ }).count()).toBe(0)
    await context.close()
  })

  test('copies a turn, or all of it', async () => {
    const { page, context } = await open(
      { lines: conversation },
      { permissions: ['clipboard-read', 'clipboard-write'] },
    )
    const copied = () => page.evaluate(() => navigator.clipboard.readText())
    await page.locator('.turn').nth(1).hover()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await copied()).toMatch(/^Ben Levi \(0:12\): The glass arrived yesterday, .* new ones\.$/)
    expect(await page.getByText('Copied one turn').count()).toBe(1)
    await page.getByRole('button', { name: 'Copy all' }).click()
    await page.getByText('Copied 8 turns').waitFor({ state: 'attached' })
    expect((await copied()).split('\n')).toHaveLength(8)
    await context.close()
  })

  test('grows while the meeting runs, survives a lost connection, and becomes the final version by itself', async () => {
    const { page, context, complaints, say, end } = await open({ end: 'live' })
    await page.getByText('Nobody has spoken yet').waitFor()
    await say({ by: 'Ana Lima', at: 1, text: 'The first words.' })
    await page.getByText('The first words.').waitFor()
    await page.getByText('Nobody has spoken yet').waitFor({ state: 'detached' })
    const pending = await say({ by: 'Ben Levi', at: 5, isPending: true })
    await page.getByText('still being written').waitFor()
    // The connection breaks; meanwhile somebody speaks, before what is known and after it.
    await context.setOffline(true)
    web.cutStreams()
    await page.getByText('reconnecting').waitFor()
    await say({ by: 'Cleo', at: 0, seconds: 1, text: 'Said before.' })
    await say({ by: 'Cleo', at: 9, text: 'Said after.' })
    await context.setOffline(false)
    await page.getByText('Said after.').waitFor()
    expect(await page.locator('.turn .said').allTextContents()).toEqual([
      'Said before. ',
      'The first words. ',
      'Said after. ',
    ])
    await inTransaction(web.db, async (trx) => {
      await trx.updateTable('recording').set({ state: 'complete', durationMs: 90_000 }).execute()
      await trx.deleteFrom('utterance').where('id', '=', pending).execute()
    })
    await end()
    await page.locator('audio').waitFor()
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0)
    expect(await page.getByRole('link', { name: '0:01' }).count()).toBe(1)
    expect(
      complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE|ERR_NETWORK|ERR_CONNECTION/.test(text)),
    ).toEqual([])
    await context.close()
  })

  test('goes away for somebody whose link is withdrawn while they read', async () => {
    const { page, context, meetingId, say } = await open({ end: 'live', lines: conversation.slice(0, 2) })
    await page.getByText('Good morning everyone.').waitFor()
    await revokeLinks(web, { meetingId, by: 'admin@example.com' })
    await say({ by: 'Ana Lima', at: 20, text: 'A secret.' })
    await page.getByText('This link was withdrawn.').waitFor()
    expect(await page.content()).not.toMatch(/Good morning|A secret/)
    await web.db.deleteFrom('linkRevocation').execute()
    await context.close()
  })

  test('is all there without a script', async () => {
    const { page, context } = await open({ lines: conversation }, { javaScriptEnabled: false })
    expect(await page.locator('.turn').count()).toBe(8)
    await page.getByText('3 of the 4 people invited').click()
    expect(await page.getByText('Administrators of the organisation').isVisible()).toBe(true)
    expect(await page.locator('audio').isVisible()).toBe(true)
    expect(await page.getByText('Follow', { exact: true }).isVisible()).toBe(false)
    expect(await page.getByRole('link', { name: 'Text', exact: true }).getAttribute('href')).toMatch(/transcript\.txt$/)
    await page.getByRole('link', { name: '0:46' }).click()
    expect(await page.evaluate(() => location.hash)).toBe('#t=46')
    await context.close()
  })
})

/** Collects what the browser complains about: refused by the policy, thrown by the script, not found. */
function watch(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

function playing(page: Page) {
  return page.waitForFunction(() => {
    const sound = document.querySelector('audio')
    return sound !== null && !sound.paused && sound.readyState > 2
  })
}

/** Another site with a link, as a mail in a browser is. */
async function startMail(link: string): Promise<AsyncDisposable & { origin: string }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<!doctype html><a href="${link.replaceAll('&', '&amp;')}" target="_self">Transcript</a>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}
