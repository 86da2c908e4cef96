import { expect, test } from 'vitest'
import { createSignInLink, readSession, removeExpiredSessions } from '../../src/platform/sessions/index.ts'
import { seedCalendar } from '../support/seed.ts'
import { NOW, startTestWeb, type TestWeb } from '../support/web.ts'

const person = { email: 'ana@example.com', isAdmin: true }

test('A sign-in link shows a button, changes nothing when opened, and signs in when the button is pressed', async () => {
  await using web = await startTestWeb()
  const token = await createSignInLink(web.db, web.clock, person)
  for (let opened = 0; opened < 3; opened++) {
    const page = await web.ask(`/dashboard/sign-in/?token=${token}`)
    expect(page.status).toBe(200)
    expect(page.body).toContain(`name="token" value="${token}"`)
    expect(page.headers['set-cookie']).toBeUndefined()
  }
  const answer = await press(web, token)
  expect(answer.status).toBe(303)
  const cookie = answer.headers['set-cookie']?.[0] as string
  expect(cookie).toMatch(/^session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
  const session = /^session=([^;]+)/.exec(cookie)?.[1] as string
  const plan = await web.ask('/dashboard/', { session })
  expect(plan.status).toBe(200)
  expect(plan.body).toContain('ana@example.com')
})

test('A sign-in link works once, also for two who press at the same time', async () => {
  await using web = await startTestWeb()
  const token = await createSignInLink(web.db, web.clock, person)
  const answers = await Promise.all([press(web, token), press(web, token)])
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410])
  expect((await press(web, token)).body).toContain('used already')
  expect((await web.ask(`/dashboard/sign-in/?token=${token}`)).status).toBe(410)
})

test('A sign-in link ends after 15 minutes', async () => {
  await using web = await startTestWeb()
  const token = await createSignInLink(web.db, web.clock, person)
  web.clock.advance(15 * 60_000)
  const page = await web.ask(`/dashboard/sign-in/?token=${token}`)
  expect(page.status).toBe(410)
  expect(page.body).toContain('npx rapporteur sign-in-link')
  expect((await press(web, token)).status).toBe(410)
})

test('Under https the cookie is bound to this host and to https', async () => {
  const siteUrl = new URL('https://meetings.example.com')
  await using web = await startTestWeb({
    server: { siteUrl, port: () => 0, trustedProxies: [], timeZone: 'UTC' },
  })
  const token = await createSignInLink(web.db, web.clock, person)
  const headers = { host: siteUrl.host, origin: siteUrl.origin }
  const answer = await web.ask('/dashboard/sign-in/', { method: 'POST', headers, form: { token } })
  expect(answer.headers['set-cookie']?.[0]).toMatch(
    /^__Host-session=[\w-]{43}; .*Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
})

test('Only digests of tokens are stored', async () => {
  await using web = await startTestWeb()
  const token = await createSignInLink(web.db, web.clock, person)
  const session = await web.signIn(person)
  const rows = [
    ...(await web.db.selectFrom('signInLink').selectAll().execute()),
    ...(await web.db.selectFrom('session').selectAll().execute()),
  ]
  expect(rows).toHaveLength(3)
  expect(JSON.stringify(rows)).not.toContain(token)
  expect(JSON.stringify(rows)).not.toContain(session)
})

test('Signing out ends the session everywhere, and signing in anew ends the earlier one', async () => {
  await using web = await startTestWeb()
  const session = await web.signIn(person)
  expect((await web.submit('/dashboard/sign-out/', session)).headers['set-cookie']?.[0]).toContain(
    'session=; Max-Age=0',
  )
  expect((await web.ask('/dashboard/', { session })).status).toBe(401)

  const earlier = await web.signIn(person)
  const token = await createSignInLink(web.db, web.clock, person)
  await web.ask('/dashboard/sign-in/', {
    method: 'POST',
    session: earlier,
    headers: { origin: web.origin },
    form: { token },
  })
  expect(await readSession(web.db, web.clock, earlier)).toBeUndefined()
})

test('A session lasts 30 days, and what is over is cleaned up', async () => {
  await using web = await startTestWeb()
  const session = await web.signIn(person)
  web.clock.set(new Date(NOW.getTime() + 30 * 86_400_000 - 1))
  expect((await web.ask('/dashboard/', { session })).status).toBe(200)
  expect(await removeExpiredSessions(web.db, web.clock)).toBe(1)
  web.clock.advance(1)
  expect((await web.ask('/dashboard/', { session })).status).toBe(401)
  expect(await removeExpiredSessions(web.db, web.clock)).toBe(1)
})

test('A stranger is told how to sign in', async () => {
  await using web = await startTestWeb()
  const page = await web.ask('/dashboard/')
  expect(page.status).toBe(401)
  expect(page.body).toContain('npx rapporteur sign-in-link')
  expect(page.body).not.toContain('/dashboard/problems/')
})

test('A link from another site cannot sign somebody in', async () => {
  await using web = await startTestWeb()
  const token = await createSignInLink(web.db, web.clock, person)
  const headers = { origin: 'https://evil.example' }
  expect((await web.ask('/dashboard/sign-in/', { method: 'POST', headers, form: { token } })).status).toBe(403)
  expect((await press(web, token)).status).toBe(303)
})

test('The sandbox opens by the link that it printed, and to nobody who only calls from this machine', async () => {
  await using web = await startTestWeb({ sandbox: true, sandboxKey: 'the key of this sandbox' })
  const stranger = await web.ask('/dashboard/')
  expect(stranger.status).toBe(401)
  expect(stranger.body).toContain('opens by the address that it printed')
  expect((await web.ask('/dashboard/sandbox/?key=another')).status).toBe(401)

  for (let opened = 0; opened < 2; opened++) {
    const answer = await web.ask('/dashboard/sandbox/?key=the+key+of+this+sandbox')
    expect(answer).toMatchObject({ status: 303, headers: { location: '/dashboard/' } })
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^sandbox=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
  }
  const headers = { cookie: 'sandbox=the%20key%20of%20this%20sandbox' }
  const plan = await web.ask('/dashboard/', { headers })
  expect(plan.status).toBe(200)
  expect(plan.body).toContain('A pretend organisation')
  const calendar = `/dashboard/calendars/${await seedCalendar(web.db, web.clock, 'ana@example.com')}/`
  const csrf = /name="csrf" value="([^"]+)"/.exec((await web.ask(calendar, { headers })).body)?.[1] ?? ''
  const sync = (form: Record<string, string>) =>
    web.ask(`${calendar}sync/`, { method: 'POST', headers: { ...headers, origin: web.origin }, form })
  expect((await sync({ csrf })).status).toBe(303)
  expect((await sync({ csrf: 'guessed' })).status).toBe(403)
  expect((await web.ask('/dashboard/', { headers: { cookie: 'sandbox=another' } })).status).toBe(401)
  expect((await web.ask('/dashboard/', { headers: { ...headers, host: 'evil.example' } })).status).toBe(421)
})

test('A real installation has no sandbox to open, with whatever cookie', async () => {
  await using web = await startTestWeb()
  expect((await web.ask('/dashboard/sandbox/?key=undefined')).status).toBe(404)
  expect((await web.ask('/dashboard/', { headers: { cookie: 'sandbox=undefined' } })).status).toBe(401)
})

test('The sandbox is marked on every page, its errors included', async () => {
  await using web = await startTestWeb({ sandbox: true })
  const session = await web.signIn({ email: null, isAdmin: true })
  for (const path of [
    '/dashboard/',
    '/dashboard/calendars/',
    '/dashboard/problems/',
    '/nope',
    '/dashboard/?date=never',
  ]) {
    expect((await web.ask(path, { session })).body, path).toContain('A pretend organisation')
  }
})

function press(web: TestWeb, token: string) {
  return web.ask('/dashboard/sign-in/', { method: 'POST', headers: { origin: web.origin }, form: { token } })
}

test('Whoever guesses sign-in links waits longer and longer, and nobody else does', async () => {
  const server = { siteUrl: undefined, port: () => 0, trustedProxies: ['127.0.0.1'], timeZone: 'UTC' }
  await using web = await startTestWeb({ server })
  const from = (address: string) => ({ 'x-forwarded-for': address, origin: web.origin })
  const guess = (address: string) =>
    web.ask('/dashboard/sign-in/', { method: 'POST', headers: from(address), form: { token: 'a guess' } })
  for (let n = 0; n < 15; n++) {
    expect((await guess('203.0.113.9')).status).toBe(410)
    expect((await web.ask('/dashboard/sign-in/?token=another', { headers: from('203.0.113.9') })).status).toBe(410)
  }
  const refused = await guess('203.0.113.9')
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '2' } })
  expect(refused.body).toContain('Wait 2 seconds and try again')
  expect((await guess('203.0.113.10')).status).toBe(410)
  web.clock.advance(2_000)
  const token = await createSignInLink(web.db, web.clock, person)
  const answer = await web.ask('/dashboard/sign-in/', { method: 'POST', headers: from('203.0.113.9'), form: { token } })
  expect(answer.status).toBe(303)
})
