import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ana, askGoogle, ben } from './testdata/ask-google.ts'

const REDIRECT = 'http://127.0.0.1:8000/dashboard/auth/google/callback/'
const CALENDAR = 'https://www.googleapis.com/auth/calendar.readonly'
const verifier = 'v'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')

async function setUp() {
  const asked = await askGoogle()
  const { google, clock } = asked
  google.oauth.redirectUris.add(REDIRECT)
  const { GOOGLE_AUTHORIZE_URL, GOOGLE_TOKEN_URL, GOOGLE_USERINFO_URL } = google.environment
  const url = (more: Record<string, string> = {}) =>
    `${GOOGLE_AUTHORIZE_URL}?${new URLSearchParams({
      client_id: google.oauth.client.id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: `openid email ${CALENDAR}`,
      state: 's1',
      access_type: 'offline',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    })}`
  const post = async (form: Record<string, string>) => {
    const { id, secret } = google.oauth.client
    const body = new URLSearchParams({ client_id: id, client_secret: secret, ...form })
    const answer = await fetch(GOOGLE_TOKEN_URL, { method: 'POST', body })
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const redeem = (code: string, more: Record<string, string> = {}) =>
    post({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier, ...more })
  const consent = async (more: Record<string, string> = {}, email: string = ana) => {
    const back = google.oauth.decide(url(more), { email })
    return (await redeem(back.searchParams.get('code') ?? '')).body
  }
  const refresh = (token = '') => post({ grant_type: 'refresh_token', refresh_token: token })
  const whoIs = async (token: string) =>
    (await fetch(GOOGLE_USERINFO_URL, { headers: { authorization: `Bearer ${token}` } })).json()
  return {
    google,
    clock,
    url,
    post,
    redeem,
    consent,
    refresh,
    whoIs,
    [Symbol.asyncDispose]: () => google[Symbol.asyncDispose](),
  }
}

describe('The consent page', () => {
  it('leads back with a code, the state and what was granted', async () => {
    await using tried = await setUp()
    const page = await (await fetch(tried.url({ login_hint: ben }))).text()
    expect(page).toMatch(/value="ben@example.com" checked/)
    const asked = new URL(tried.url()).search.slice(1)
    const body = new URLSearchParams({ asked, account: ben, decision: 'allow', scope: CALENDAR })
    const answer = await fetch(tried.google.environment.GOOGLE_AUTHORIZE_URL, {
      method: 'POST',
      body,
      redirect: 'manual',
    })
    const back = new URL(answer.headers.get('location') ?? '')
    expect([answer.status, back.origin + back.pathname, back.searchParams.get('state')]).toEqual([302, REDIRECT, 's1'])
    const { body: tokens } = await tried.redeem(back.searchParams.get('code') ?? '')
    expect(tokens.scope?.split(' ')).toContain(CALENDAR)
    expect(await tried.whoIs(tokens.access_token ?? '')).toMatchObject({
      email: ben,
      email_verified: true,
      hd: 'example.com',
    })
  })

  it('lets scopes be unticked, and says in the token’s answer what is left', async () => {
    await using tried = await setUp()
    const back = tried.google.oauth.decide(tried.url(), { email: ana, without: [CALENDAR] })
    const { body } = await tried.redeem(back.searchParams.get('code') ?? '')
    expect(body.scope).toBe('openid https://www.googleapis.com/auth/userinfo.email')
  })

  it('leads back with access_denied and the state when somebody denies', async () => {
    await using tried = await setUp()
    const back = tried.google.oauth.decide(tried.url(), { email: ana, denies: true })
    expect(Object.fromEntries(back.searchParams)).toEqual({ state: 's1', error: 'access_denied' })
  })

  it.each([
    ['redirect_uri_mismatch', { redirect_uri: REDIRECT.slice(0, -1) }],
    ['invalid_client', { client_id: 'another' }],
    ['invalid_request', { code_challenge_method: '' }],
    ['invalid_request', { response_type: 'token' }],
  ])('ends with %s on a page of its own for %j', async (code, more) => {
    await using tried = await setUp()
    const answer = await fetch(tried.url(more as unknown as Record<string, string>), { redirect: 'manual' })
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`<code>${code}</code>`)])
  })

  it('ends with the trouble that was ordered', async () => {
    await using tried = await setUp()
    tried.google.oauth.trouble = 'admin_policy_enforced'
    expect(await (await fetch(tried.url())).text()).toContain('admin_policy_enforced')
  })
})

describe('A code', () => {
  it('works once, within ten minutes, with its verifier and its redirect address', async () => {
    await using tried = await setUp()
    const code = () => tried.google.oauth.decide(tried.url(), { email: ana }).searchParams.get('code') ?? ''
    const used = code()
    expect((await tried.redeem(used)).status).toBe(200)
    expect((await tried.redeem(used)).body.error).toBe('invalid_grant')
    expect((await tried.redeem(code(), { code_verifier: 'w'.repeat(43) })).body.error_description).toBe(
      'Invalid code verifier.',
    )
    expect((await tried.redeem(code(), { redirect_uri: 'https://example.com/' })).body.error).toBe(
      'redirect_uri_mismatch',
    )
    expect((await tried.redeem(code(), { client_secret: 'wrong' })).status).toBe(401)
    const late = code()
    tried.clock.advance(11 * 60_000)
    expect((await tried.redeem(late)).body.error).toBe('invalid_grant')
  })

  it('brings a refresh token with the first consent, and later only when consent is asked again', async () => {
    await using tried = await setUp()
    expect((await tried.consent()).refresh_token).toBeDefined()
    expect((await tried.consent()).refresh_token).toBeUndefined()
    expect((await tried.consent({ prompt: 'consent' })).refresh_token).toBeDefined()
    expect((await tried.consent({ access_type: 'online' }, ben)).refresh_token).toBeUndefined()
  })
})

describe('A refresh token', () => {
  it('gives access tokens until it is revoked, and the next consent is a first one', async () => {
    await using tried = await setUp()
    const { refresh_token: token } = await tried.consent()
    expect((await tried.refresh(token)).body.access_token).toBeDefined()
    const revoke = () =>
      fetch(`${tried.google.origin}/revoke`, { method: 'POST', body: new URLSearchParams({ token: token ?? '' }) })
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 400])
    expect((await tried.refresh(token)).body).toMatchObject({
      error: 'invalid_grant',
      error_description: 'Token has been expired or revoked.',
    })
    expect((await tried.consent()).refresh_token).toBeDefined()
  })

  it('ends after seven days where the consent screen is in testing, and after six months without use', async () => {
    await using tried = await setUp()
    const { refresh_token: token } = await tried.consent()
    tried.clock.advance(8 * 86_400_000)
    expect((await tried.refresh(token)).status).toBe(200)
    tried.google.oauth.isTesting = true
    expect((await tried.refresh(token)).status).toBe(400)
    tried.google.oauth.isTesting = false
    const { refresh_token: other } = await tried.consent({}, ben)
    tried.clock.advance(183 * 86_400_000)
    expect((await tried.refresh(other)).status).toBe(400)
  })

  it('ends silently when there are a hundred newer ones', async () => {
    await using tried = await setUp()
    const { refresh_token: first } = await tried.consent()
    for (let i = 0; i < 100; i++) await tried.consent({ prompt: 'consent' })
    expect((await tried.refresh(first)).status).toBe(400)
    expect(tried.google.oauth.consents.size).toBe(100)
  })

  it('is replaced at each use where the doubt says so', async () => {
    await using tried = await setUp()
    tried.google.doubts.refreshTokensRotate = true
    const { refresh_token: first } = await tried.consent()
    const { body } = await tried.refresh(first)
    expect(body.refresh_token).not.toBe(first)
    expect((await tried.refresh(first)).status).toBe(400)
    expect((await tried.refresh(body.refresh_token)).status).toBe(200)
  })

  it('is no use for somebody who was suspended, until that ends', async () => {
    await using tried = await setUp()
    const { refresh_token: token } = await tried.consent()
    tried.google.directory.suspend(ana)
    expect((await tried.refresh(token)).body.error).toBe('invalid_grant')
    tried.google.directory.restore(ana)
    expect((await tried.refresh(token)).status).toBe(200)
  })
})
