import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startPeople } from '../../sandbox/room/people/start-people.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { findClip } from '../../sandbox/voices/clips.ts'
import { type App, startWorker } from '../../src/app.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { startAttendance } from '../../src/entrypoints/worker/start-attendance.ts'
import { defaultLimits } from '../../src/features/bots/index.ts'
import { connectByAddress } from '../../src/features/calendars/index.ts'
import { createTranscriptToken, readTranscript } from '../../src/features/transcripts/index.ts'
import { findBrowser, launchBrowser } from '../../src/platform/browser/index.ts'
import { createTestApp } from '../support/app.ts'
import { browserOptions } from '../support/browser.ts'
import { startHttpServer } from '../support/http-servers.ts'
import { icsFeed } from '../support/ics.ts'
import { until } from '../support/until.ts'
import { wordErrorRate } from '../support/word-error-rate.ts'

const SPOKEN = [
  { name: 'Amara Okonjo', clip: 'slt-opening', atMs: 4_000 },
  { name: 'Jürgen Weiß', clip: 'rms-agreement', atMs: 12_000 },
  { name: 'Amara Okonjo', clip: 'slt-question', atMs: 18_000 },
  { name: 'Jürgen Weiß', clip: 'rms-promise', atMs: 23_500 },
]
const NAMES = ['Amara Okonjo', 'Jürgen Weiß']
const LEAVES_MS = 30_000

// It is spoken and heard as it happens: a machine that is busy at that moment loses sound, and gets one more try.
test('an event in a calendar becomes a bot in the room, the right words under the right names, and a page that shows and plays them', {
  timeout: 300_000,
  retry: 1,
}, async () => {
  const program = await findBrowser(browserOptions)
  await using resources = new Resources()
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const startsAt = new Date(Math.ceil((Date.now() + 4_000) / 1_000) * 1_000)
  const feed = await startHttpServer((_request, response) => {
    response.end(
      icsFeed([
        'UID:first@example.com',
        'SUMMARY:The first meeting',
        `DTSTART:${stamp(startsAt)}`,
        `DTEND:${stamp(new Date(startsAt.getTime() + 600_000))}`,
        `LOCATION:${sandbox.origin}/rooms/first`,
        'ORGANIZER:mailto:ana@example.com',
        'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@example.com',
      ]),
    )
  })
  const testApp = resources.use(
    await createTestApp({
      clock: systemClock,
      runsJobs: true,
      sandbox: { origin: sandbox.origin, dataDir: await temporaryFolder(resources) },
      runnerOf: () => 'browser',
      env: {
        CHROMIUM_PATH: program.path,
        ALLOW_PRIVATE_HOSTS: `127.0.0.1:${feed.port}`,
        ADMIN_EMAILS: 'boss@example.com',
      },
    }),
  )
  const { app } = testApp
  await connectByAddress(app, { provider: 'ics', address: feed.origin, owner: 'ana@example.com' })
  const work = await startWorker(app)
  resources.defer(() => work.drain(10_000))
  resources.use(await startAttendance(app, { limits: { ...defaultLimits, aloneMs: 1_500 } }))

  const cast = NAMES.map((name) => ({
    name,
    says: SPOKEN.filter((one) => one.name === name).map(({ clip, atMs }) => ({ clip, atMs })),
    leavesAtMs: LEAVES_MS,
  }))
  const room = sandbox.rooms.room('first')
  // They wait for the bot, so that a busy machine costs time and no words.
  await room.until((one) => one.participants().length === 1)
  resources.use(await startPeople({ origin: sandbox.origin, room: 'first', cast, program }))

  const { id: meetingId, transcript } = await untilDone(app)

  expect(room.peak((visit) => visit.joinedAs === app.config.botName)).toBe(1)
  expect(room.chat.map((line) => line.text).join()).toContain('transcribe this meeting')
  const nameOf = new Map(transcript.participants.map(({ id, name }) => [id, name]))
  const textOf = (name: string) =>
    transcript.utterances
      .filter((one) => nameOf.get(one.participantId) === name)
      .map((one) => one.text)
      .join(' ')
  const saidBy = (name: string) =>
    SPOKEN.filter((one) => one.name === name)
      .map(({ clip }) => findClip(clip).text)
      .join(' ')
  expect(transcript.utterances.every((one) => NAMES.includes(nameOf.get(one.participantId) ?? ''))).toBe(true)
  const [said, heard] = [NAMES.map(saidBy).join(' '), NAMES.map(textOf).join(' ')]
  expect(wordErrorRate(said, heard), heard).toBeLessThanOrEqual(0.15)

  const web = resources.use(
    await serveWeb({
      ...app,
      isSandbox: false,
      config: { ...app.config, server: { ...app.config.server, port: 0 } },
    }),
  )
  const token = createTranscriptToken(app.links.signing, {
    meetingId,
    email: 'ana@example.com',
    now: new Date(),
  })
  const link = `http://127.0.0.1:${web.port}/dashboard/transcripts/${meetingId}/?token=${token}`
  const mail = await startHttpServer((_request, response) => {
    response
      .setHeader('content-type', 'text/html')
      .end(`<a id="link" href="${link.replaceAll('&', '&amp;')}">Your transcript</a>`)
  })
  const running = resources.use(await launchBrowser({ browser: program }))
  const page = await running.browser.newPage()
  await page.goto(`http://localhost:${mail.port}/`)
  await page.click('#link')
  await page.waitForSelector('text=Amara Okonjo')
  expect(await page.title()).toContain('The first meeting')
  await page.locator('a[href^="#t="]').first().click()
  const played = await page.evaluate(async () => {
    const audio = document.querySelector('audio') as HTMLAudioElement
    if (audio.currentTime === 0)
      await new Promise((resolve) => audio.addEventListener('timeupdate', resolve, { once: true }))
    return { duration: audio.duration, error: audio.error?.message }
  })
  expect(played.error).toBeUndefined()
  expect(played.duration).toBeGreaterThan(10)
  const tampered = link.replace(/token=.*/, `token=${token.slice(0, -2)}xx`)
  expect((await fetch(tampered)).status).toBe(404)
})

async function temporaryFolder(resources: Resources): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-first-'))
  resources.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const stamp = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** Waits for the one meeting there is until its transcript is finished and its recording is a file. */
async function untilDone(app: App) {
  const read = async () => {
    const meeting = await app.db.selectFrom('meeting').select('id').executeTakeFirst()
    const transcript = meeting && (await readTranscript(app.db, meeting.id))
    return meeting && transcript ? { ...meeting, transcript } : undefined
  }
  const done = await until(
    read,
    (one) => one?.transcript.state === 'complete' && one.transcript.recording?.state === 'complete',
  )
  if (!done) throw new Error('There is no meeting')
  return done
}
