import { expect, test } from 'vitest'
import { startAttendee } from '../../sandbox/attendee/start-attendee.ts'
import { systemClock } from '../../src/base/clock.ts'
import { checkWaysToJoin } from '../../src/entrypoints/cli/doctor/attendance-checks.ts'
import { createPartsCheck } from '../../src/entrypoints/cli/missing-parts.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { createTestApp } from '../support/app.ts'

const SECRET = Buffer.from('a secret').toString('base64')

async function openAttendee() {
  const attendee = await startAttendee({ clock: systemClock })
  return Object.assign(attendee, { env: { ATTENDEE_API_URL: attendee.origin, ATTENDEE_API_KEY: attendee.apiKey } })
}

async function look(env: Record<string, string>) {
  // Neither is looked for here: the one is said to be nowhere, the other elsewhere.
  const others = { CHROMIUM_PATH: '/nonexistent/browser', SPEECH_API_URL: 'http://127.0.0.1:9' }
  await using testApp = await createTestApp({ env: { ...others, ...env } })
  const { config, secrets } = testApp.app
  const reports = await checkWaysToJoin(config, secrets)
  const parts = await createPartsCheck(testApp.app)()
  const of = (name: string) => reports.find((report) => report.name === name)
  return {
    platforms: of('platforms'),
    attendee: of('attendee'),
    parts: parts.filter((part) => part.includes('Attendee')),
  }
}

test('without an Attendee server doctor says that no platform can be joined', async () => {
  const { platforms, attendee, parts } = await look({})
  expect(platforms).toMatchObject({ outcome: 'warning', message: expect.stringContaining('ATTENDEE_API_URL') })
  expect([attendee, parts]).toEqual([undefined, []])
})

test('a server that answers is said to, with what can be joined and what cannot', async () => {
  await using server = await openAttendee()
  const full = { ...server.env, ATTENDEE_WEBHOOK_SECRET: SECRET, SITE_URL: 'https://meetings.example.com' }
  const { platforms, attendee, parts } = await look({ ...full, RUNNERS: 'zoom=none' })
  expect(attendee?.outcome).toBe('ok')
  expect(platforms?.message).toBe(
    'Google Meet, Microsoft Teams can be joined. There is no way to join Zoom, Jitsi yet.',
  )
  expect(parts).toEqual([])
})

test.each([
  ['the webhook secret', {}, 'ATTENDEE_WEBHOOK_SECRET'],
  ['an address with https', { ATTENDEE_WEBHOOK_SECRET: SECRET }, 'SITE_URL'],
])('without %s doctor says what that costs', async (_what, env, name) => {
  await using server = await openAttendee()
  const { attendee } = await look({ ...server.env, ...env })
  expect(attendee).toMatchObject({ outcome: 'warning', message: expect.stringContaining(name) })
})

test.each([
  [401, 'refuses ATTENDEE_API_KEY'],
  [500, 'failed (500)'],
  ['html', 'not understood'],
  ['down', 'http://127.0.0.1'],
] as const)('a server that answers with %s is a failed check and a problem on its page', async (kind, what) => {
  await using server = await openAttendee()
  server.order({ kind })
  const { attendee, parts } = await look(server.env)
  expect(attendee).toMatchObject({ outcome: 'failed', message: expect.stringContaining(what) })
  if (kind !== 'down') expect(parts).toHaveLength(1)
})

test('the plan sends Attendee to Google Meet, and says of Jitsi that there is no way to join', async () => {
  await using server = await openAttendee()
  await using testApp = await createTestApp({ env: server.env })
  const { reconcile, db } = testApp.app
  const send = (platform: 'google_meet' | 'jitsi', url: string) =>
    askForBot({ ...reconcile, db }, { room: { platform, roomId: url, url }, by: 'a test' })
  const meet = await send('google_meet', 'https://meet.google.com/abc-defg-hij')
  const jitsi = await send('jitsi', 'https://meet.jit.si/SomeRoom')
  expect([meet.decision, jitsi.decision]).toEqual(['attend', 'no_runner'])
  expect(await db.selectFrom('bot').select(['meetingId', 'runner']).execute()).toEqual([
    { meetingId: meet.id, runner: 'attendee' },
  ])
})
