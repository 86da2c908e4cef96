import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAppError } from '../../src/base/errors.ts'
import { createMetricsApp, createWebApp, startWebServer } from '../../src/entrypoints/web/index.ts'
import { createMetrics } from '../../src/platform/observe/index.ts'
import { dropDatabase } from '../support/database.ts'
import { seedCalendar } from '../support/seed.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

describe('A request that changes something', () => {
  let web: TestWeb
  let session: string
  let path: string

  beforeAll(async () => {
    web = await startTestWeb()
    session = await web.signIn({ email: 'ana@example.com', isAdmin: true })
    path = `/dashboard/calendars/${await seedCalendar(web.db, web.clock, 'ana@example.com')}/sync/`
  })
  afterAll(() => web[Symbol.asyncDispose]())

  test('is done when our own page asks for it', async () => {
    const answer = await web.submit(path, session)
    expect(answer.status).toBe(303)
    expect(web.sent).toHaveLength(1)
    const page = await web.ask(answer.headers.location as string, { session })
    expect(page.body).toContain('A sync is on its way')
  })

  test.each([
    ['from another site', { origin: 'https://evil.example' }, 'own'],
    ['from a page without an origin', { origin: 'null' }, 'own'],
    ['from nowhere we can tell', {}, 'own'],
    ['from a sibling that only claims our origin', { origin: 'own', 'sec-fetch-site': 'same-site' }, 'own'],
    ['without its token', { origin: 'own' }, 'none'],
    ["with another session's token", { origin: 'own' }, 'other'],
  ])('is refused %s', async (_, headers, token) => {
    const before = web.sent.length
    const other = await web.signIn({ email: 'ben@example.com', isAdmin: true })
    const tokens: Record<string, string> = { own: await tokenOf(session), other: await tokenOf(other), none: '' }
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'own' ? web.origin : value]),
    )
    const answer = await web.ask(path, { method: 'POST', session, headers: sent, form: { csrf: tokens[token] ?? '' } })
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('reload the page')
    expect(web.sent).toHaveLength(before)
  })

  test('may lack an origin where the browser says it stays on our site', async () => {
    const form = { csrf: await tokenOf(session) }
    const answer = await web.ask(path, { method: 'POST', session, headers: { 'sec-fetch-site': 'same-origin' }, form })
    expect(answer.status).toBe(303)
  })

  test('is refused when it is larger than any form of ours', async () => {
    const form = { csrf: await tokenOf(session), more: 'x'.repeat(70_000) }
    const answer = await web.ask(path, { method: 'POST', session, headers: { origin: web.origin }, form })
    expect(answer.status).toBe(413)
    const unsaid = { origin: web.origin, 'transfer-encoding': 'chunked' }
    expect((await web.ask(path, { method: 'POST', session, headers: unsaid })).status).toBe(413)
  })

  async function tokenOf(of: string): Promise<string> {
    return /name="csrf" value="([^"]+)"/.exec((await web.ask('/dashboard/', { session: of })).body)?.[1] ?? ''
  }
})

describe('The name under which the server is called', () => {
  test('is a loopback name with its port where no SITE_URL is set', async () => {
    await using web = await startTestWeb()
    const port = new URL(web.origin).port
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
      expect((await web.ask('/dashboard/', { headers: { host } })).status, host).toBe(401)
    }
    for (const host of [
      'localhost',
      'localhost:1',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      'a@localhost',
    ]) {
      const answer = await web.ask('/dashboard/', { headers: { host } })
      expect([421, 400], host).toContain(answer.status)
    }
    expect((await web.ask('/dashboard/', { headers: { host: 'evil.example' } })).body).toContain('set SITE_URL')
  })

  test('may be that of SITE_URL, whose cookies are bound to https', async () => {
    await using web = await startTestWeb({ server: settings({ siteUrl: new URL('https://meetings.example.com') }) })
    const host = 'meetings.example.com'
    const session = await web.signIn({ email: null, isAdmin: true })
    const cookie = `__Host-session=${session}`
    expect((await web.ask('/dashboard/', { headers: { host, cookie } })).status).toBe(200)
    expect((await web.ask('/dashboard/', { headers: { host: `${host}:443`, cookie } })).status).toBe(200)
    expect((await web.ask('/dashboard/', { headers: { host: `${host}:8080`, cookie } })).status).toBe(421)
    expect((await web.ask('/dashboard/', { headers: { host, cookie: `session=${session}` } })).status).toBe(401)
  })

  test('does not matter to probes, which know us by an address', async () => {
    await using web = await startTestWeb()
    expect((await web.ask('/health', { headers: { host: '10.1.2.3:8000' } })).status).toBe(200)
    expect((await web.ask('/metrics', { headers: { host: 'evil.example' } })).status).toBe(404)
  })

  test('is taken from X-Forwarded-Host of a trusted proxy only', async () => {
    const siteUrl = new URL('https://meetings.example.com')
    const headers = { host: 'internal', 'x-forwarded-host': 'meetings.example.com', 'x-forwarded-proto': 'https' }
    await using trusting = await startTestWeb({ server: settings({ siteUrl, trustedProxies: ['127.0.0.0/8'] }) })
    expect((await trusting.ask('/dashboard/', { headers })).status).toBe(401)
    await using other = await startTestWeb({ server: settings({ siteUrl, trustedProxies: ['10.0.0.1'] }) })
    expect((await other.ask('/dashboard/', { headers })).status).toBe(421)
  })

  test('refuses a list of proxies that it cannot read', () => {
    for (const entry of ['proxy.example', '10.0.0.0/99', '10.0.0.0/8/8', '']) {
      expect(() => createWebApp({ server: settings({ trustedProxies: [entry] }) } as never), entry).toThrow(
        'TRUSTED_PROXIES',
      )
    }
  })
})

describe('Metrics', () => {
  test('are read by who sends the token, from anywhere', async () => {
    await using web = await startTestWeb({ metricsToken: 'secret-token' })
    const read = (authorization: string) =>
      web.ask('/metrics', { headers: { host: '10.1.2.3', 'x-forwarded-for': '203.0.113.9', authorization } })
    expect((await read('Bearer secret-token')).status).toBe(200)
    expect((await read('Bearer secret')).status).toBe(404)
    expect((await read('')).status).toBe(404)
    // Whoever set a token wants it asked, here as well.
    expect((await web.ask('/metrics')).status).toBe(404)
  })

  test('are for programs on this machine only while there is no SITE_URL: a proxy may make strangers look local', async () => {
    await using alone = await startTestWeb()
    expect((await alone.ask('/metrics')).status).toBe(200)
    for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect((await alone.ask('/metrics', { headers: { [header]: '203.0.113.9' } })).status, header).toBe(404)
    }
    await using web = await startTestWeb({ server: settings({ siteUrl: new URL('https://meetings.example.com') }) })
    expect((await web.ask('/metrics')).status).toBe(404)
  })

  test('come on a port of their own, with nothing else beside', async () => {
    const metrics = createMetrics()
    metrics.countJobRun({ name: 'poll', outcome: 'completed', durationMs: 1 })
    const readiness = async () => ({ ready: false, checks: [] })
    const app = createMetricsApp({ metrics, health: { readiness } })
    await using server = await startWebServer({ app, host: '127.0.0.1', port: 0 })
    const ask = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
    expect(await (await ask('/metrics')).text()).toContain(
      'rapporteur_job_runs_total{name="poll",outcome="completed"} 1',
    )
    expect((await ask('/health')).status).toBe(200)
    expect((await ask('/health/ready/')).status).toBe(503)
    for (const path of ['/', '/dashboard/', '/assets/']) expect((await ask(path)).status, path).toBe(404)
    const taken = startWebServer({ app, host: '127.0.0.1', port: server.port, setting: 'METRICS_PORT' })
    await expect(taken).rejects.toThrow(/set METRICS_PORT to another/)
  })

  test('name routes by their pattern', async () => {
    await using web = await startTestWeb()
    await web.ask('/dashboard/meetings/00000000-0000-4000-8000-000000000000')
    await web.ask('/nope')
    const { body } = await web.ask('/metrics')
    expect(body).toContain('route="/dashboard/meetings/:id"')
    expect(body).not.toContain('00000000')
    expect(body).not.toContain('nope')
  })
})

describe('Answers', () => {
  test('carry headers that keep strangers out', async () => {
    await using web = await startTestWeb()
    const session = await web.signIn({ email: null, isAdmin: true })
    for (const path of ['/dashboard/', '/nope', '/health', '/dashboard/meetings/1']) {
      const { headers } = await web.ask(path, { session })
      expect(headers['content-security-policy'], path).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      )
      expect(headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
      })
      expect(['same-origin', 'no-referrer'], path).toContain(headers['referrer-policy'])
      expect(headers['permissions-policy'], path).toContain('microphone=()')
    }
  })

  test('let browsers keep what never changes under its name', async () => {
    await using web = await startTestWeb()
    const page = await web.ask('/dashboard/')
    const style = /href="(\/assets\/style-[0-9a-f]{12}\.css)"/.exec(page.body)?.[1] as string
    const answer = await web.ask(style)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('hide what went wrong on our side, and give a reference that finds it in the log', async () => {
    const deadLetters = { list: () => Promise.reject(new Error('password=hunter2 is wrong')), retry: async () => 0 }
    await using web = await startTestWeb({ deadLetters })
    const session = await web.signIn({ email: null, isAdmin: true })
    const answer = await web.ask('/dashboard/', { session })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('hunter2')
    const reference = /<code>([0-9a-f-]{36})<\/code>/.exec(answer.body)?.[1]
    expect(web.logs.entries().find((entry) => entry.requestId === reference)).toMatchObject({ level: 'error' })
  })

  test('say that the database is away, and that it may come back', async () => {
    await using web = await startTestWeb()
    const session = await web.signIn({ email: null, isAdmin: true })
    await dropDatabase(web.databaseUrl)
    const answer = await web.ask('/dashboard/', { session })
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('10')
    expect((await web.ask('/health')).status).toBe(200)
  })

  test('to what is no form say so, and are no bug of ours', async () => {
    await using web = await startTestWeb()
    const headers = { origin: web.origin, 'content-type': 'multipart/form-data; boundary=none', 'content-length': '3' }
    expect((await web.ask('/dashboard/sign-in/', { method: 'POST', headers, text: 'abc' })).status).toBe(400)
    expect(web.logs.entries()).toEqual([])
  })

  test('to who leaves in the middle of a notice are no bug of ours', async () => {
    const receive = async () => 'ignored' as const
    await using web = await startTestWeb({ attendeeNotices: { receive } })
    const { hostname, port } = new URL(web.origin)
    const socket = connect(Number(port), hostname)
    socket.end('POST /dashboard/webhook/attendee/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc')
    socket.resume()
    await once(socket, 'close')
    await web.ask('/health')
    expect(web.logs.entries()).toEqual([])
  })

  test('during an outage cost the log one short line each, whoever asks', async () => {
    const deadLetters = { list: () => Promise.reject(gone), retry: async () => 0 }
    const gone = Object.assign(new Error('terminating connection'), { code: '57P01' })
    await using web = await startTestWeb({ deadLetters })
    const session = await web.signIn({ email: null, isAdmin: true })
    for (let asked = 0; asked < 3; asked++) expect((await web.ask('/dashboard/', { session })).status).toBe(503)
    const [first, ...others] = web.logs.entries()
    expect(first).toMatchObject({ level: 'warn', error: { code: 'database_unreachable', stack: expect.any(String) } })
    for (const line of others)
      expect(line).toMatchObject({ code: 'database_unreachable', requestId: expect.any(String) })
    expect(Math.max(...others.map((line) => JSON.stringify(line).length))).toBeLessThan(300)
  })

  test('name what is missing to whoever asks whether we are ready', async () => {
    const readiness = async () => ({ ready: false, checks: [{ name: 'database', ok: false, reason: 'It is away.' }] })
    await using web = await startTestWeb({ health: { readiness } })
    const answer = await web.ask('/health/ready')
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body)).toMatchObject({ ready: false, checks: [{ name: 'database' }] })
  })
})

describe('The server', () => {
  test('says which setting to change when its port is taken', async () => {
    await using web = await startTestWeb()
    const port = Number(new URL(web.origin).port)
    const failure = await startWebServer({ app: createApp(), host: '127.0.0.1', port }).catch((error: unknown) => error)
    expect(isAppError(failure, 'port_taken')).toBe(true)
    expect(String(failure)).toContain('set PORT')
  })

  test('closes connections that browsers keep open when it stops', async () => {
    const web = await startTestWeb()
    const answer = await fetch(`${web.origin}/health`, { keepalive: true })
    await answer.text()
    await web[Symbol.asyncDispose]()
    await expect(fetch(`${web.origin}/health`)).rejects.toThrow()
  })

  function createApp() {
    return createWebApp({ server: settings({}) } as never)
  }
})

function settings(server: { siteUrl?: URL; trustedProxies?: string[] }) {
  return { siteUrl: undefined, port: () => 0, trustedProxies: [], timeZone: 'Europe/Vienna', ...server }
}
