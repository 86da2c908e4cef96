import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../base/errors.ts'
import { redact } from './redact.ts'
import { redactText } from './redact-text.ts'
import { isSensitiveName } from './sensitive-names.ts'

describe('names', () => {
  test.each([
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'set-cookie',
    'token',
    'tokens',
    'accessToken',
    'refresh_token',
    'REFRESH_TOKEN',
    'id_token',
    'password',
    'userPassword',
    'passwd',
    'pwd',
    'secret',
    'client_secret',
    'clientsecret',
    'TRANSCRIPT_TOKEN_SECRET',
    'api_key',
    'apikey',
    'X-API-Key',
    'key',
    'private_key',
    'privateKeyPem',
    'GOOGLE_SERVICE_ACCOUNT_KEY',
    'SUPABASE_SERVICE_KEY',
    'CREDENTIALS_ENCRYPTION_KEY',
    'credential',
    'credentials',
    'session_id',
    'DATABASE_URL',
  ])('%s hides its value', (name) => {
    expect(isSensitiveName(name)).toBe(true)
  })

  test.each([
    'code',
    'deduplicationKey',
    'singletonKey',
    'occurrence_key',
    'tokenExpiresAt',
    'token_type',
    'secretFingerprint',
    'calendarId',
    'passed',
    'author',
  ])('%s shows its value', (name) => {
    expect(isSensitiveName(name)).toBe(false)
  })
})

const S = 'Zx9planted8Qw7secret6Rt5'

describe('texts', () => {
  test.each([
    `Bearer ${S}`,
    `authorization: Basic ${S}`,
    `Cookie: a=${S}; session=${S}`,
    `GET /dashboard/transcripts/1/?token=${S} failed`,
    `https://zoom.us/j/123?pwd=${S}&x=1`,
    `https://teams.live.com/meet/9?p=${S}`,
    `https://h/cb?code=${S}&state=${S}`,
    `grant_type=refresh_token&refresh_token=${S}&client_id=1`,
    `https://user:${S}@host/path`,
    `https://${S}@host/path`,
    `postgres://app:${S}@db:5432/x`,
    `postgresql://app:p@ss/${S}@db/x?sslmode=require`,
    `smtps://mailer:${S}@mail.example:465`,
    `{"refresh_token":"${S}","expires_in":3599}`,
    `{"client_secret": "a\\"${S}"}`,
    `{'password': '${S}'}`,
    `"{\\"access_token\\":\\"${S}\\",\\"x\\":1}"`,
    `{"private_key":"${S}`,
    `password=${S}`,
    `password: "${S} ${S}"`,
    `SUPABASE_SERVICE_KEY=${S}`,
    `gAAAAABoTuGAMQ${S}${S}==`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx${S}.${S}`,
    `-----BEGIN PRIVATE KEY-----\n${S}\n-----END PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\\n${S}`,
    `https://calendar.google.com/calendar/ical/a%40b.c/private-${S}/basic.ics`,
    `webcal://outlook.office365.com/owa/calendar/${S}@x.y/${S}/calendar.ics could not be read`,
    `ya29.${S}`,
    `GOCSPX-${S}`,
  ])('%s loses its secret', (text) => {
    const shown = redactText(text)
    expect(shown).not.toContain(S)
    expect(shown).toContain('[redacted]')
    expect(redactText(shown)).toBe(shown)
  })

  test('keep what is no secret', () => {
    for (const text of [
      'The calendar of anna@example.com was synced: 12 events, exit code=1, key figures attached',
      'https://meet.google.com/abc-defg-hij?authuser=0',
      'connect ECONNREFUSED 127.0.0.1:5432',
    ]) {
      expect(redactText(text)).toBe(text)
    }
  })

  test('are cut when long, and the cut leaves no half of a secret', () => {
    const shown = redactText(`${'x '.repeat(4_090)}Bearer ${S} and more${' y'.repeat(9_000)}`)
    expect(shown.length).toBeLessThan(8_300)
    expect(shown).not.toContain(S.slice(0, 6))
  })
})

describe('values', () => {
  test('lose secrets by name at any depth, with what was there or not still to be seen', () => {
    expect(
      redact({
        calendar: { id: 'c1', credential: { anything: S }, headers: new Headers({ authorization: S, accept: 'x' }) },
        list: [{ name: 'X-Api-Key', value: S }, new Map([['token', S]])],
        token: null,
        secret: '',
        hasToken: true,
      }),
    ).toEqual({
      calendar: { id: 'c1', credential: '[redacted]', headers: { accept: 'x', authorization: '[redacted]' } },
      list: [{ name: 'X-Api-Key', value: '[redacted]' }, { token: '[redacted]' }],
      token: null,
      secret: '',
      hasToken: true,
    })
  })

  test('errors are written out with code, details, stack and cause, redacted', () => {
    const cause = new TypeError(`connect failed for postgres://u:${S}@db/x`)
    const error = new AppError('hub_refused', `Key refused: token=${S}`, { details: { api_key: S, row: 7 }, cause })
    const shown = redact({ error }) as { error: Record<string, unknown> }
    expect(JSON.stringify(shown)).not.toContain(S)
    expect(shown.error).toMatchObject({
      type: 'AppError',
      code: 'hub_refused',
      message: 'Key refused: token=[redacted]',
      details: { api_key: '[redacted]', row: 7 },
      cause: { type: 'TypeError', message: 'connect failed for postgres://[redacted]@db/x' },
    })
    expect(shown.error.stack).toContain('redact.test.ts')
  })

  test('what cannot be written as JSON becomes something that can', () => {
    const trap = Object.defineProperty({}, 'x', { enumerable: true, get: () => expect.fail('read') })
    expect(redact({ trap, call: () => 1 })).toEqual({ trap: '[unreadable]', call: '[function]' })
    const loop: Record<string, unknown> = { n: 1n, at: new Date(0), bad: new Date('x'), bytes: new Uint8Array(3) }
    loop.self = loop
    loop.address = new URL('https://u:p@h/x')
    expect(redact(loop)).toEqual({
      n: '1',
      at: '1970-01-01T00:00:00.000Z',
      bad: '[invalid date]',
      bytes: '[3 bytes]',
      self: '[circular]',
      address: 'https://[redacted]@h/x',
    })
  })

  test('a planted secret never comes through, however deep and under whatever else', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{24}$/).filter((text) => /\d/.test(text))
    const carriers = fc.constantFrom<(s: string) => unknown>(
      (s) => ({ accessToken: s }),
      (s) => ({ Authorization: [s, s] }),
      (s) => ({ client_secret: { nested: s } }),
      (s) => `Bearer ${s}`,
      (s) => `see https://h.example/x?token=${s}&y=1`,
      (s) => `postgres://u:${s}@h/db`,
      (s) => JSON.stringify({ password: s }),
      (s) => JSON.stringify({ body: JSON.stringify({ refresh_token: s }) }),
      (s) => new Error(`failed: Bearer ${s}`),
      (s) => new Error('outer', { cause: new AppError('x', 'y', { details: { api_key: s } }) }),
      (s) => new URL(`https://u:${s}@h.example/`),
      (s) => new Map([['cookie', s]]),
    )
    const wrappers = fc.array(
      fc.constantFrom<(inner: unknown) => unknown>(
        (inner) => ({ inner, note: 'beside' }),
        (inner) => [1, inner],
        (inner) => new Map([['entry', inner]]),
        (inner) => new AppError('wrapped', 'text', { details: { inner } }),
        (inner) => ({ toJSON: () => inner }),
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(secret, carriers, wrappers, fc.string(), (planted, carry, wraps, noise) => {
        const value = wraps.reduce((inner, wrap) => wrap(inner), carry(planted))
        expect(JSON.stringify(redact({ noise, value }))).not.toContain(planted)
      }),
      { numRuns: 500 },
    )
  })

  test('any value at all can be redacted and written', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }), (value) => {
        expect(() => JSON.stringify(redact({ value }))).not.toThrow()
      }),
    )
  })
})
