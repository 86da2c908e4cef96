import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assets } from '../../src/entrypoints/web/assets.ts'
import type { Route } from '../../src/entrypoints/web/route.ts'
import { routes } from '../../src/entrypoints/web/routes.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

/** What each caller gets from each route: a stranger elsewhere, somebody signed in, an administrator, a program on this machine. */
const expected: Record<string, [stranger: number, signedIn: number, administrator: number, local: number]> = {
  'GET /': [302, 302, 302, 302],
  'GET /assets/:file': [200, 200, 200, 200],
  'GET /health': [200, 200, 200, 200],
  'GET /health/ready': [200, 200, 200, 200],
  'GET /metrics': [404, 404, 404, 200],
  'GET /dashboard/sign-in': [401, 401, 401, 401],
  'POST /dashboard/sign-in': [410, 410, 410, 410],
  'POST /dashboard/sign-out': [401, 303, 303, 401],
  // This is no sandbox.
  'GET /dashboard/sandbox': [404, 404, 404, 404],
  'GET /dashboard': [401, 403, 200, 401],
  'GET /dashboard/meetings/:id': [401, 403, 200, 401],
  'GET /dashboard/attendance': [401, 403, 200, 401],
  // The mode is missing in this test.
  'POST /dashboard/attendance': [401, 403, 400, 401],
  'POST /dashboard/meetings/:id/send-bot': [401, 403, 303, 401],
  'POST /dashboard/meetings/:id/stop-bot': [401, 403, 303, 401],
  'POST /dashboard/meetings/:id/as-planned': [401, 403, 303, 401],
  'GET /dashboard/calendars': [401, 403, 200, 401],
  'GET /dashboard/calendars/:id': [401, 403, 200, 401],
  'POST /dashboard/calendars/:id/sync': [401, 403, 303, 401],
  'GET /dashboard/problems': [401, 403, 200, 401],
  'POST /dashboard/problems/retry-all': [401, 403, 303, 401],
  // There is no Attendee server in this test.
  'POST /dashboard/problems/try-attendee': [401, 403, 404, 401],
  'POST /dashboard/problems/:id/retry': [401, 403, 303, 401],
  // Consent is not set up in this test.
  'GET /dashboard/auth/google': [404, 404, 404, 404],
  'GET /dashboard/auth/google/callback': [404, 404, 404, 404],
  'GET /dashboard/auth/google/connected': [404, 404, 404, 404],
  'GET /auth/google': [302, 302, 302, 302],
  'GET /auth/google/callback': [302, 302, 302, 302],
  'GET /transcripts/:id': [302, 302, 302, 302],
  'GET /dashboard/transcripts/:id': [401, 404, 200, 401],
  'GET /dashboard/transcripts/:id/transcript.txt': [401, 404, 200, 401],
  'GET /dashboard/transcripts/:id/transcript.vtt': [401, 404, 200, 401],
  'GET /dashboard/transcripts/:id/stream': [401, 404, 200, 401],
  // There is no sound in this test.
  'GET /dashboard/transcripts/:id/audio': [401, 404, 404, 401],
  // Without the headers of a notice.
  'POST /dashboard/webhook/google-calendar': [400, 400, 400, 400],
  'POST /webhook/google-calendar': [400, 400, 400, 400],
  // No secret is set here, so that there is nothing at this address.
  'POST /dashboard/webhook/attendee': [404, 404, 404, 404],
  'GET /about-bot': [200, 200, 200, 200],
}

// With this header a caller came through something, and is not taken for a program on this machine.
const elsewhere = { 'x-forwarded-for': '203.0.113.9' }

describe('The table of routes', () => {
  let web: TestWeb
  let calendarId: string
  let meetingId: string

  beforeAll(async () => {
    web = await startTestWeb()
    calendarId = await seedCalendar(web.db, web.clock, 'ana@example.com')
    await seedEvents(
      web,
      [{ id: calendarId, owner: 'ana@example.com' }],
      [{ title: 'Planning', at: '2026-11-23T09:00:00Z', location: 'https://meet.google.com/abc-defg-hij' }],
    )
    meetingId = (await web.db.selectFrom('meeting').select('id').executeTakeFirstOrThrow()).id
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const pathOf = (route: Route) =>
    route.path
      .replace('/assets/:file', assets.style.path)
      .replace(':id', /meetings|transcripts/.test(route.path) ? meetingId : calendarId)

  async function call(route: Route, session: string | undefined, headers: Record<string, string>): Promise<number> {
    const signed = session === undefined ? {} : { session }
    // A stream of events answers for as long as it is listened to.
    const method = route.path.endsWith('/stream') ? 'HEAD' : 'GET'
    if (route.method === 'GET') return (await web.ask(pathOf(route), { ...signed, headers, method })).status
    const csrf = await csrfOf(web, session)
    const options = {
      method: 'POST',
      headers: { ...headers, origin: web.origin },
      form: { csrf, token: 'none' },
      ...signed,
    }
    return (await web.ask(pathOf(route), options)).status
  }

  test('is known here in full', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(expected).sort())
  })

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'answers each caller of %s',
    async (name, route) => {
      const answers = [
        await call(route, undefined, elsewhere),
        await call(route, await web.signIn({ email: 'ben@example.com', isAdmin: false }), elsewhere),
        await call(route, await web.signIn({ email: 'ana@example.com', isAdmin: true }), elsewhere),
        await call(route, undefined, {}),
      ]
      expect(answers).toEqual(expected[name])
    },
  )

  test('serves nothing that it does not name', async () => {
    const session = await web.signIn({ email: null, isAdmin: true })
    for (const path of ['/nope', '/dashboard/nope', '/assets/', '/assets/style.css', '/dashboard//', '/.env']) {
      expect((await web.ask(path, { session })).status, path).toBe(404)
    }
  })

  test('accepts a slash at the end and does without', async () => {
    const session = await web.signIn({ email: null, isAdmin: true })
    for (const path of ['/dashboard', '/dashboard/', '/dashboard/calendars', '/dashboard/calendars/']) {
      expect((await web.ask(path, { session })).status, path).toBe(200)
    }
    expect((await web.ask('/health/')).status).toBe(200)
  })

  test('answers HEAD as GET, without a body', async () => {
    const session = await web.signIn({ email: null, isAdmin: true })
    const answer = await web.ask('/dashboard/', { session, method: 'HEAD' })
    expect(answer).toMatchObject({ status: 200, body: '' })
  })

  test('says which methods an address takes', async () => {
    const wrong = await web.ask('/dashboard/', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.allow).toBe('GET, HEAD')
    expect((await web.ask('/dashboard/problems/retry-all/')).headers.allow).toBe('POST')
    expect((await web.ask('/dashboard/sign-in/', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, POST')
  })

  test('takes an id that is none for an address that is none', async () => {
    const session = await web.signIn({ email: null, isAdmin: true })
    for (const id of ['1', "'", '%00', '00000000-0000-4000-8000-000000000000', '%E0%A4%A']) {
      expect((await web.ask(`/dashboard/meetings/${id}`, { session })).status, id).toBe(404)
    }
  })
})

/** The token in a page of this session; every signed-in visitor has one in the form that signs out. */
async function csrfOf(web: TestWeb, session: string | undefined): Promise<string> {
  if (session === undefined) return 'none'
  const page = await web.ask('/dashboard/', { session })
  return /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? 'none'
}
