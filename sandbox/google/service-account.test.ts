import { describe, expect, it } from 'vitest'
import { ana, askGoogle, assertionFor, ben, exchange } from './testdata/ask-google.ts'

const SKEWED = /short-lived token \(60 minutes\) and in a reasonable timeframe/

async function setUp() {
  const asked = await askGoogle()
  const { google, clock } = asked
  const seconds = Math.floor(clock.now().getTime() / 1_000)
  const refusal = async (claims: Record<string, unknown>, key = google.serviceAccount.key) => {
    const { status, body } = await exchange(google, assertionFor(google, clock, claims, key))
    return `${status} ${body.error}: ${body.error_description}`
  }
  return { asked, google, seconds, refusal, [Symbol.asyncDispose]: () => google[Symbol.asyncDispose]() }
}

describe('The token endpoint', () => {
  it('gives a token that is good for one person and an hour', async () => {
    await using asked = await askGoogle()
    const id = asked.google.as(ana).insert({ start: { date: '2026-11-23' }, end: { date: '2026-11-24' } })
    expect((await asked.listAll(ana)).items).toMatchObject([{ id }])
    expect((await asked.listAll(ben)).items).toEqual([])
    asked.clock.advance(3_600_000)
    const { status, body, headers } = await asked.list(ana)
    expect([status, body]).toMatchObject([401, { error: { errors: [{ reason: 'authError' }] } }])
    expect(headers.get('www-authenticate')).toContain('invalid_token')
  })

  it('refuses a signature of another key, and of one that was deleted', async () => {
    await using tried = await setUp()
    const { google, refusal } = tried
    const old = google.serviceAccount.key
    const next = google.serviceAccount.addKey()
    expect(await refusal({}, old)).toMatch(/^200/)
    expect(await refusal({}, { ...next, private_key: old.private_key })).toBe(
      '400 invalid_grant: Invalid JWT Signature.',
    )
    google.serviceAccount.deleteKey(old.private_key_id)
    expect(await refusal({}, old)).toBe('400 invalid_grant: Invalid JWT Signature.')
    expect(await refusal({}, next)).toMatch(/^200/)
  })

  it('refuses times that are off, and names the clock', async () => {
    await using tried = await setUp()
    const { seconds, refusal } = tried
    for (const [iat, exp] of [
      [seconds - 7_200, seconds - 3_600],
      [seconds + 3_600, seconds + 7_200],
      [seconds, seconds + 3_901],
    ]) {
      expect(await refusal({ iat, exp })).toMatch(SKEWED)
    }
    expect(await refusal({ iat: seconds + 60, exp: seconds + 3_660 })).toMatch(/^200/)
  })

  it.each([
    [{ sub: 'nobody@example.com' }, '400 invalid_grant: Invalid email or User ID'],
    [{ sub: 'no address' }, '400 invalid_grant: Not a valid email or user ID.'],
    [{ iss: 'other@example-lampworks.iam.gserviceaccount.com' }, '400 invalid_grant: Invalid grant: account not found'],
    [{ aud: 'https://example.com/token' }, '400 invalid_grant: Invalid JWT: Failed audience check.'],
    [{ scope: '' }, '400 invalid_scope: Invalid OAuth scope or ID token audience provided.'],
    [{ sub: undefined }, '401 unauthorized_client: Unauthorized client or scope in request.'],
    [
      { scope: 'https://mail.google.com/' },
      /^401 unauthorized_client: Client is unauthorized to retrieve access tokens/,
    ],
    [
      { scope: 'https://www.googleapis.com/auth/calendar.readonly https://mail.google.com/' },
      '400 access_denied: Requested client not authorized.',
    ],
  ])('refuses %j', async (claims, expected) => {
    await using tried = await setUp()
    expect(await tried.refusal(claims)).toMatch(expected)
  })

  it.each([
    ['not_authorized', 'unauthorized_client'],
    ['not_authorized_by_number', 'unauthorized_client'],
    ['scope_denied', 'access_denied'],
    ['policy', 'admin_policy_enforced'],
    ['disabled_client', 'disabled_client'],
    ['deleted_client', 'deleted_client'],
    ['org_internal', 'org_internal'],
  ] as const)('answers everybody with the trouble %s to order', async (trouble, error) => {
    await using tried = await setUp()
    tried.google.serviceAccount.trouble = trouble
    expect(await tried.refusal({})).toContain(` ${error}: `)
    tried.google.serviceAccount.trouble = null
    expect(await tried.refusal({})).toMatch(/^200/)
  })

  it('acts for nobody who is suspended, deleted or was renamed away, and for all others', async () => {
    await using tried = await setUp()
    const { google, refusal } = tried
    google.directory.suspend(ben)
    expect(await refusal({ sub: ben })).toMatch(/^400 invalid_grant: /)
    expect(await refusal({ sub: ana })).toMatch(/^200/)
    google.directory.restore(ben)
    google.directory.rename(ben, 'benno@example.com', { keepsAlias: false })
    expect(await refusal({ sub: ben })).toBe('400 invalid_grant: Invalid email or User ID')
    expect(await refusal({ sub: 'benno@example.com' })).toMatch(/^200/)
    google.directory.delete('benno@example.com')
    expect(await refusal({ sub: 'benno@example.com' })).toBe('400 invalid_grant: Invalid email or User ID')
  })

  it('gives no more than the scopes that are listed, and a call that wants another is refused with the reason', async () => {
    await using asked = await askGoogle({
      authorizedScopes: ['https://www.googleapis.com/auth/calendar.events.readonly'],
    })
    expect((await asked.list(ana)).status).toBe(200)
    const { status, body } = await asked.ask(ana, '/admin/directory/v1/users?customer=my_customer')
    expect([status, body]).toMatchObject([
      403,
      {
        error: {
          errors: [{ reason: 'insufficientPermissions' }],
          details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
        },
      },
    ])
  })
})
