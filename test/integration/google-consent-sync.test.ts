import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { syncCalendar } from '../../src/features/calendars/index.ts'
import { createTestApp } from '../support/app.ts'
import { createBrowser, createConsentWorld } from '../support/consent.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

// Defects 35 and 36 of the predecessor: after the success page there was no calendar, and its tokens were where no sync looked.
test('a calendar connected by consent is read with its own token; withdrawn it rests, and consented again it goes on', async () => {
  const clock = createManualClock('2026-11-23T08:00:00Z')
  await using google = await startSandboxGoogle({ clock, people: [{ email: 'ana@example.com' }] })
  const { GOOGLE_SERVICE_ACCOUNT_KEY: _, ...environment } = google.environment
  await using testApp = await createTestApp({ clock, env: { PORT: '0', ORG_DOMAINS: 'example.com', ...environment } })
  const { app } = testApp
  await using web = await serveWeb(app)
  const origin = `http://127.0.0.1:${web.port}`
  google.oauth.redirectUris.add(`${origin}/dashboard/auth/google/callback/`)
  const room = { summary: 'Planning', location: 'https://meet.google.com/abc-defg-hij' }
  google.as('ana@example.com').insert({ ...room, ...timed(new Date('2026-11-24T09:00:00Z'), 30, 'Europe/Vienna') })

  const consent = async () => {
    const browser = createBrowser()
    const { location } = await browser.open(`${origin}/dashboard/auth/google/`)
    const back = google.oauth.decide(location, { email: 'ana@example.com' })
    return (await browser.open(back.href)).status
  }
  const readCalendar = () => app.db.selectFrom('calendar').selectAll().executeTakeFirstOrThrow()
  const readMeetings = () => app.db.selectFrom('meeting').select(['title', 'supporting']).execute()

  expect(await consent()).toBe(303)
  const { id } = await readCalendar()
  expect(await syncCalendar(app.sync, { calendarId: id })).toMatchObject({ outcome: 'changed' })
  expect(await readMeetings()).toEqual([{ title: 'Planning', supporting: 1 }])

  google.oauth.withdraw('ana@example.com')
  clock.advance(2 * 3_600_000)
  expect(await syncCalendar(app.sync, { calendarId: id })).toMatchObject({ outcome: 'failed' })
  expect(await readCalendar()).toMatchObject({ state: 'disconnected', stateReason: 'consent_withdrawn' })
  expect(await readMeetings()).toEqual([{ title: 'Planning', supporting: 0 }])

  expect(await consent()).toBe(303)
  expect((await readCalendar()).id).toBe(id)
  await syncCalendar(app.sync, { calendarId: id })
  expect(await readCalendar()).toMatchObject({ state: 'connected', stateReason: null })
  expect(await readMeetings()).toEqual([{ title: 'Planning', supporting: 1 }])
  expect(await findBrokenInvariants(app.db)).toEqual([])
})

test('where each use of a refresh token ends it, a calendar stays connected, also with two processes at once', async () => {
  const env = {
    CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
    TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
  }
  await using world = await createConsentWorld(env)
  const { google, clock, app, origin } = world
  google.doubts.refreshTokensRotate = true
  const { GOOGLE_SERVICE_ACCOUNT_KEY: _, ...environment } = google.environment
  await using other = await createTestApp({ clock, env: { ...env, ...environment }, databaseUrl: world.databaseUrl })
  const browser = createBrowser()
  const { location } = await browser.open(`${origin}/dashboard/auth/google/`)
  await browser.open(google.oauth.decide(location, { email: 'ana@example.com' }).href)
  const { id: calendarId } = await app.db.selectFrom('calendar').select('id').executeTakeFirstOrThrow()
  for (let hours = 0; hours < 8; hours += 2) {
    const before = world.exchanges()
    const results = await Promise.all([app, other.app].map(({ sync }) => syncCalendar(sync, { calendarId })))
    expect(results.map(({ problem }) => problem)).toEqual([undefined, undefined])
    expect(world.exchanges() - before).toBe(1)
    clock.advance(2 * 3_600_000)
  }
  expect(google.oauth.consents.size).toBe(1)
  expect(await app.db.selectFrom('calendar').select('state').execute()).toEqual([{ state: 'connected' }])
})
