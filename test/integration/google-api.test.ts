import { createPublicKey, createVerify } from 'node:crypto'
import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { isAppError } from '../../src/base/errors.ts'
import { CALENDAR_SCOPES, type GoogleAccess } from '../../src/features/calendars/providers/google/access.ts'
import { createAccessTokens } from '../../src/features/calendars/providers/google/access-tokens.ts'
import { createApiAlarm } from '../../src/features/calendars/providers/google/api-alarm.ts'
import { createCallBudget } from '../../src/features/calendars/providers/google/call-budget.ts'
import { createGoogleApi } from '../../src/features/calendars/providers/google/google-api.ts'
import { listProviderAlarms } from '../../src/features/calendars/providers/provider-alarm-store.ts'
import { openDatabase } from '../../src/platform/db/index.ts'
import { createHttpClient } from '../../src/platform/http/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { googleError, serviceAccount, startGoogleStub } from '../support/google.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { seedCalendar } from '../support/seed.ts'

const ana: GoogleAccess = { kind: 'service_account', subject: 'ana@example.com', scopes: CALENDAR_SCOPES }
const ben: GoogleAccess = { ...ana, subject: 'ben@example.com' }

const encrypt = (text: string) => Buffer.from(text).toString('base64')

let database: TestDatabase
let consent: Extract<GoogleAccess, { kind: 'oauth' }>
beforeAll(async () => {
  database = await createTestDatabase()
  const clock = createManualClock('2026-11-23T08:00:00Z')
  const granted = { provider: 'google', access: 'oauth', credential: encrypt('refresh-1') } as const
  consent = { kind: 'oauth', calendarId: await seedCalendar(database.db, clock, 'cleo@example.com', granted) }
})
afterAll(() => database[Symbol.asyncDispose]())

async function startWorld() {
  const stub = await startGoogleStub()
  const clock = createManualClock('2026-11-23T08:00:00Z')
  const http = createHttpClient({ allowPrivateHosts: [], userAgent: 'test' })
  const waits: number[] = []
  /** The parts of one process. */
  const process = (db = database.db) => {
    const tokens = createAccessTokens({
      ...{ db, http, clock, serviceAccount, tokenUrl: stub.addresses.tokenUrl },
      oauthClient: { id: 'client', secret: 'client-secret' },
      encrypt,
      decrypt: (text) => Buffer.from(text, 'base64').toString(),
    })
    const budget = createCallBudget({
      db,
      clock,
      wait: async (ms) => {
        waits.push(ms)
        clock.advance(ms)
      },
    })
    const alarm = createApiAlarm({ db, clock })
    const api = createGoogleApi({ http, clock, tokens, alarm, budget, addresses: stub.addresses })
    const call = (as: GoogleAccess = ana, priority: 'push' | 'routine' | 'onboarding' = 'push') =>
      api.call({ as, api: 'calendar', path: '/calendars/primary/events', schema: z.object({}), priority })
    return { tokens, budget, api, call }
  }
  return {
    ...{ stub, clock, database, process, waits },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      for (const table of ['accessToken', 'callBudget', 'providerAlarm'] as const) {
        await database.db.deleteFrom(table).execute()
      }
    },
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (isAppError(error) ? error.code : `bug: ${String(error)}`),
  )
}

test('a service account signs for the person it acts for, and the call is charged to that person', async () => {
  await using world = await startWorld()
  await world.process().call()
  const form = new URLSearchParams(world.stub.tokens[0]?.body)
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
  const iat = Date.parse('2026-11-23T08:00:00Z') / 1000
  expect(read(claims)).toEqual({
    iss: serviceAccount.clientEmail,
    sub: 'ana@example.com',
    scope: 'https://www.googleapis.com/auth/calendar.readonly',
    aud: world.stub.addresses.tokenUrl.href,
    iat,
    exp: iat + 3600,
  })
  const verifier = createVerify('RSA-SHA256').update(`${header}.${claims}`)
  expect(verifier.verify(createPublicKey(serviceAccount.privateKey), signature, 'base64url')).toBe(true)
  const [call] = world.stub.calls
  expect(call?.headers.authorization).toBe('Bearer token-1')
  expect(call?.headers['x-goog-quota-user']).toMatch(/^[\w-]{1,40}$/)
  expect(call?.headers['x-goog-quota-user']).not.toContain('ana')
})

test('one access token serves a person for most of an hour, in every process', async () => {
  await using world = await startWorld()
  await world.process().call()
  await world.process().call()
  world.clock.advance(50 * 60_000)
  await world.process().call()
  expect(world.stub.tokens).toHaveLength(1)
  world.clock.advance(8 * 60_000)
  await world.process().call()
  expect(world.stub.tokens).toHaveLength(2)
  await world.process().call(ben)
  expect(world.stub.tokens).toHaveLength(3)
})

test('two processes refresh at once: one wins, the other adopts its result', async () => {
  await using world = await startWorld()
  const second = await openDatabase({ url: world.database.url, maxConnections: 5 })
  const processes = [world.process(), world.process(second), world.process()]
  const got = await Promise.all(processes.flatMap(({ tokens }) => [tokens.get(ana), tokens.get(ana), tokens.get(ana)]))
  expect(new Set(got)).toEqual(new Set(['token-1']))
  expect(world.stub.tokens).toHaveLength(1)
  await second.destroy()
})

test('stored tokens are ciphertexts', async () => {
  await using world = await startWorld()
  await world.process().call()
  const rows = await world.database.db.selectFrom('accessToken').selectAll().execute()
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain('token-1')
})

test('an access token that runs out in the middle is refreshed once and the same call repeated', async () => {
  await using world = await startWorld()
  const { call } = world.process()
  await call()
  world.stub.callAnswers.push(googleError(401, 'authError'), { body: {} })
  await call()
  expect(world.stub.tokens).toHaveLength(2)
  expect(world.stub.calls.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-1',
    'Bearer token-2',
  ])
})

test('a person whom Google refuses even with a fresh token is told from a token that ran out', async () => {
  await using world = await startWorld()
  world.stub.callAnswers.push(googleError(401, 'authError'))
  expect(await codeOf(world.process().call())).toBe('google_unauthorized')
  expect(world.stub.tokens).toHaveLength(2)
  expect(world.stub.calls).toHaveLength(2)
})

test('a consent is exchanged with the client’s secret', async () => {
  await using world = await startWorld()
  await world.process().call(consent)
  expect(Object.fromEntries(new URLSearchParams(world.stub.tokens[0]?.body))).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    client_id: 'client',
    client_secret: 'client-secret',
  })
})

test('a refresh token that comes in place of another is kept before anybody uses what came with it', async () => {
  await using world = await startWorld()
  const rotating = (n: number) => ({ body: { access_token: `a${n}`, refresh_token: `refresh-${n}`, expires_in: 3600 } })
  world.stub.tokenAnswers.push(rotating(2), rotating(3))
  let isAway = true
  const away: KyselyPlugin = {
    transformQuery({ node }) {
      if (isAway && node.kind === 'UpdateQueryNode' && JSON.stringify(node).includes('"credential"'))
        throw new Error('away')
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const first = world.process(database.db.withPlugin(away))
  expect(await codeOf(first.call(consent))).toBe('bug: Error: away')
  expect(world.stub.calls).toEqual([])
  isAway = false
  await first.call(consent)
  expect(world.stub.tokens).toHaveLength(1)
  expect(world.stub.calls[0]?.headers.authorization).toBe('Bearer a2')
  world.clock.advance(2 * 3_600_000)
  await world.process().call(consent)
  expect(world.stub.tokens.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual([
    'refresh-1',
    'refresh-2',
  ])
  const { credential } = await database.db
    .selectFrom('calendar')
    .select('credential')
    .where('id', '=', consent.calendarId)
    .executeTakeFirstOrThrow()
  expect(credential).toBe(encrypt('refresh-3'))
  await database.db
    .updateTable('calendar')
    .set({ credential: encrypt('refresh-1') })
    .execute()
})

test('a refresh token that somebody else has just used up is no withdrawn consent: theirs is used', async () => {
  await using world = await startWorld()
  const spent = {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
  }
  world.stub.tokenAnswers.push(spent, { body: { access_token: 'a3', expires_in: 3600 } })
  world.stub.onToken = async () => {
    world.stub.onToken = undefined
    await database.db
      .updateTable('calendar')
      .set({ credential: encrypt('refresh-2') })
      .execute()
  }
  await world.process().call(consent)
  expect(world.stub.tokens.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual([
    'refresh-1',
    'refresh-2',
  ])
  await database.db
    .updateTable('calendar')
    .set({ credential: encrypt('refresh-1') })
    .execute()
})

const refusals: [string, string, string, string][] = [
  ['a deleted person', 'invalid_grant', 'Invalid email or User ID', 'google_user_unknown'],
  ['an address that is none', 'invalid_grant', 'Not a valid email.', 'google_user_unknown'],
  ['a deleted key', 'invalid_grant', 'Invalid JWT Signature.', 'google_org_key_rejected'],
  [
    'a wrong clock',
    'invalid_grant',
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    'google_org_clock_wrong',
  ],
  ['a scope withdrawn', 'unauthorized_client', 'Unauthorized client or scope in request.', 'google_org_not_authorized'],
  ['a policy', 'admin_policy_enforced', '', 'google_org_policy'],
  ['a deleted service account', 'deleted_client', '', 'google_org_key_rejected'],
]

test.each(refusals)('%s is told by its code', async (_name, error, description, code) => {
  await using world = await startWorld()
  world.stub.tokenAnswers.push({ status: 400, body: { error, error_description: description } })
  expect(await codeOf(world.process().call())).toBe(code)
  expect(await listProviderAlarms(world.database.db)).toHaveLength(code.startsWith('google_org_') ? 1 : 0)
})

test('a withdrawn consent concerns one person, a wrong client secret everybody', async () => {
  await using world = await startWorld()
  world.stub.tokenAnswers.push(
    { status: 400, body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' } },
    { status: 401, body: { error: 'invalid_client' } },
  )
  expect(await codeOf(world.process().call(consent))).toBe('google_grant_invalid')
  expect(await listProviderAlarms(world.database.db)).toEqual([])
  expect(await codeOf(world.process().call(consent))).toBe('google_org_client_rejected')
  expect(await listProviderAlarms(world.database.db)).toMatchObject([{ name: 'google_oauth_client' }])
})

test('when nobody is let in there is one alarm and one try a minute for all, and it ends by itself', async () => {
  await using world = await startWorld()
  const refused = { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } }
  world.stub.tokenAnswers.push(refused)
  const [first, second] = [world.process(), world.process()]
  for (const { call } of [first, second, first]) {
    expect(await codeOf(call(ana))).toBe('google_org_key_rejected')
    expect(await codeOf(call(ben))).toBe('google_org_key_rejected')
  }
  expect(world.stub.tokens).toHaveLength(1)
  world.clock.advance(61_000)
  await Promise.all([codeOf(first.call(ana)), codeOf(second.call(ben))])
  expect(world.stub.tokens).toHaveLength(2)
  expect(await listProviderAlarms(world.database.db)).toMatchObject([{ raisedAt: new Date('2026-11-23T08:00:00Z') }])
  world.stub.tokenAnswers.length = 0
  world.clock.advance(61_000)
  await second.call(ben)
  expect(await listProviderAlarms(world.database.db)).toEqual([])
  await first.call(ana)
})

test('a refusal that may concern everybody concerns one person while others are let in', async () => {
  await using world = await startWorld()
  const { call } = world.process()
  await call(ben)
  world.stub.tokenAnswers.push({ status: 400, body: { error: 'access_denied' } })
  expect(await codeOf(call(ana))).toBe('google_person_refused')
  expect(await listProviderAlarms(world.database.db)).toEqual([])
})

test.each([
  ['503', { status: 503, text: '<html>busy</html>' }],
  ['a proxy’s page', { status: 403, text: '<html>sign in to the wi-fi</html>' }],
  ['nothing', { status: 200, text: '' }],
])('a token address that answers %s is no refusal: it is asked again later', async (_name, answer) => {
  await using world = await startWorld()
  world.stub.tokenAnswers.push(answer)
  const error = await world
    .process()
    .call()
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'google_unavailable', retry: 'later' })
  expect(await listProviderAlarms(world.database.db)).toEqual([])
})

const answers: [string, ReturnType<typeof googleError>, string][] = [
  [
    'a calendar that cannot be watched',
    googleError(400, 'pushNotSupportedForRequestedResource'),
    'google_push_not_supported',
  ],
  ['an account without Calendar', googleError(403, 'notACalendarUser'), 'google_not_calendar_user'],
  ['a missing right', googleError(403, 'forbidden'), 'google_forbidden'],
  ['a missing scope', googleError(403, 'insufficientPermissions'), 'google_scope_missing'],
  ['an API that is switched off', googleError(403, 'accessNotConfigured'), 'google_org_api_disabled'],
  ['a calendar that is not there', googleError(404, 'notFound'), 'google_not_found'],
  ['a token that is too old', googleError(410, 'fullSyncRequired'), 'google_gone'],
  ['a 410 without a reason', { status: 410, text: '' }, 'google_gone'],
  ['a request it cannot use', googleError(400, 'badRequest'), 'google_bad_request'],
  ['an HTML page', { status: 200, text: '<html></html>' }, 'google_unreadable_answer'],
  ['an empty body', { status: 200, text: '' }, 'google_unreadable_answer'],
  ['a fault', googleError(503, 'backendError'), 'google_unavailable'],
]

test.each(answers)('%s is told by its code', async (_name, answer, code) => {
  await using world = await startWorld()
  world.stub.callAnswers.push(answer)
  expect(await codeOf(world.process().call())).toBe(code)
})

test('an API that is switched off is one alarm for all processes and one try a minute, and ends with the first answer', async () => {
  await using world = await startWorld()
  const { call } = world.process()
  // The other one has found nothing wrong so far.
  const other = world.process()
  await other.call(ben)
  world.stub.callAnswers.push(googleError(403, 'accessNotConfigured'))
  for (const access of [ana, ben, ana]) expect(await codeOf(call(access))).toBe('google_org_api_disabled')
  expect(world.stub.calls).toHaveLength(2)
  world.clock.advance(59_000)
  // Asks once for itself, and is told as much; from then on it knows.
  for (const access of [ana, ben]) expect(await codeOf(other.call(access))).toBe('google_org_api_disabled')
  expect(world.stub.calls).toHaveLength(3)
  expect(await listProviderAlarms(world.database.db)).toMatchObject([
    { code: 'google_org_api_disabled', raisedAt: new Date('2026-11-23T08:00:00Z') },
  ])
  world.stub.callAnswers.splice(0, Number.POSITIVE_INFINITY, { body: {} })
  expect(await codeOf(call(ana))).toBe('google_org_api_disabled')
  world.clock.advance(60_000)
  expect(await codeOf(call(ana))).toBe('no error')
  expect(await codeOf(other.call(ben))).toBe('no error')
  expect(await listProviderAlarms(world.database.db)).toEqual([])
  expect(world.stub.calls).toHaveLength(5)
})

test('a passing fault is tried once more at once', async () => {
  await using world = await startWorld()
  world.stub.callAnswers.push(googleError(500, 'backendError'), { body: {} })
  await world.process().call()
  expect(world.stub.calls).toHaveLength(2)
})

test.each([
  ['429 for the project', googleError(429, 'rateLimitExceeded', { 'retry-after': '120' }), 'project'],
  ['403 for one person', googleError(403, 'userRateLimitExceeded', { 'retry-after': '120' }), 'person'],
])(
  '%s with Retry-After 120: nobody concerned calls sooner, in no process, and others go on',
  async (_name, answer, whom) => {
    await using world = await startWorld()
    const [first, second] = [world.process(), world.process()]
    world.stub.callAnswers.push(answer, { body: {} })
    const error = await first.call(ana).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'google_rate_limited', retry: 'later', retryAfterMs: 120_000 })
    expect(await codeOf(second.call(ana))).toBe('google_budget_spent')
    expect(await codeOf(second.call(ben))).toBe(whom === 'project' ? 'google_budget_spent' : 'no error')
    world.clock.advance(121_000)
    expect(await codeOf(second.call(ana))).toBe('no error')
  },
)

test('calls wait for the budget: routine goes away at once, onboarding leaves half of it to others, a notice may have all', async () => {
  await using world = await startWorld()
  const rates = { project: { capacity: 10, perSecond: 1 }, user: { capacity: 1_000, perSecond: 1_000 } }
  const waits: number[] = []
  const budget = createCallBudget({
    ...{ db: world.database.db, clock: world.clock, rates },
    wait: async (ms) => {
      waits.push(ms)
      world.clock.advance(ms)
    },
  })
  const take = (priority: 'push' | 'routine' | 'onboarding') => codeOf(budget.take({ user: 'ana', priority }))
  for (let i = 0; i < 5; i++) expect(await take('onboarding')).toBe('no error')
  expect(waits).toEqual([])
  expect(await take('onboarding')).toBe('no error')
  expect(waits).toEqual([1000])
  for (let i = 0; i < 3; i++) expect(await take('routine')).toBe('no error')
  expect(await take('routine')).toBe('google_budget_spent')
  for (let i = 0; i < 2; i++) expect(await take('push')).toBe('no error')
  expect(waits).toEqual([1000])
  expect(await take('push')).toBe('no error')
  expect(waits).toEqual([1000, 1000])
})
