import { z } from 'zod'
import type { Clock } from '../../../../base/clock.ts'
import { AppError, isAppError } from '../../../../base/errors.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { ServiceAccountKey } from '../../../../platform/config/index.ts'
import type { Database } from '../../../../platform/db/index.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import type { GoogleAccess } from './access.ts'
import { unreachable } from './google-errors.ts'
import { readGrant } from './grant-store.ts'
import { signAssertion } from './sign-assertion.ts'
import { type TokenRefusal, translateTokenRefusal } from './token-errors.ts'

export interface ExchangeDeps {
  db: Database
  http: HttpClient
  clock: Clock
  decrypt(ciphertext: string): string
  tokenUrl: URL
  /** Undefined where it is not configured. */
  serviceAccount: ServiceAccountKey | undefined
  oauthClient: { id: string; secret: string } | undefined
}

/** A refresh token that came in place of the one (a ciphertext) that was used, and may have ended it. */
interface Rotation {
  calendarId: string
  used: string
  next: string
}

/** An access token as it came. */
export interface Fetched {
  token: string
  expiresAt: Date
  rotation?: Rotation
}

type Exchanged =
  | { kind: 'token'; token: string; lifeMs: number; rotation?: Rotation }
  | { kind: 'refused'; refusal: TokenRefusal }

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
  // Google keeps refresh tokens; others give another one with each use.
  refresh_token: z.string().min(1).optional().catch(undefined),
})

/** Asks Google once for an access token. Throws `google_unavailable` where nothing is answered, or nothing that can be understood. */
export async function exchange(
  deps: ExchangeDeps,
  access: GoogleAccess,
  options: { withinMs: number; signal?: AbortSignal },
): Promise<Exchanged> {
  return access.kind === 'oauth'
    ? exchangeConsent(deps, access.calendarId, options.withinMs)
    : toExchanged(await ask(deps, await writeAssertion(deps, access), options), 'service_account')
}

async function exchangeConsent(deps: ExchangeDeps, calendarId: string, withinMs: number): Promise<Exchanged> {
  if (!deps.oauthClient) throw notConfigured('GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET')
  const { id, secret } = deps.oauthClient
  // As it is stored now: another process may have got another one since this calendar was read.
  const used = await readGrant(deps.db, calendarId)
  if (used === undefined) throw consentForgotten()
  const refreshToken = deps.decrypt(used)
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: id, client_secret: secret }
  // Never cut short: what comes in place of the one that was used would be lost.
  const answer = await ask(deps, new URLSearchParams(form), { withinMs })
  const exchanged = toExchanged(answer, 'oauth')
  if (exchanged.kind === 'token') {
    const next = exchanged.refreshToken
    return next === undefined || next === refreshToken
      ? exchanged
      : { ...exchanged, rotation: { calendarId, used, next } }
  }
  // Refused because somebody else had used it already: theirs is stored by now.
  return (await readGrant(deps.db, calendarId)) === used ? exchanged : exchangeConsent(deps, calendarId, withinMs)
}

function toExchanged(response: HttpResponse, kind: GoogleAccess['kind']): Exchanged & { refreshToken?: string } {
  if (response.status !== 200) return { kind: 'refused', refusal: translateTokenRefusal(response, kind) }
  try {
    const answer = tokenAnswer.parse(JSON.parse(response.text()))
    const { access_token: token, expires_in: seconds, refresh_token: refreshToken } = answer
    return { kind: 'token', token, lifeMs: seconds * SECOND_MS, ...(refreshToken ? { refreshToken } : {}) }
  } catch (cause) {
    throw new AppError('google_unavailable', "Google's sign-in answered with something that cannot be understood.", {
      retry: 'later',
      cause,
    })
  }
}

async function ask(
  deps: ExchangeDeps,
  body: URLSearchParams,
  { withinMs, signal }: { withinMs: number; signal?: AbortSignal },
): Promise<HttpResponse> {
  try {
    return await deps.http.request({
      url: deps.tokenUrl,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
      guard: 'trusted',
      timeoutMs: withinMs,
      maxBytes: 256 * 1024,
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    throw isAppError(error) ? unreachable(error) : error
  }
}

async function writeAssertion(
  deps: ExchangeDeps,
  { subject, scopes }: Extract<GoogleAccess, { kind: 'service_account' }>,
): Promise<URLSearchParams> {
  if (!deps.serviceAccount) throw notConfigured('GOOGLE_SERVICE_ACCOUNT_KEY')
  const claims = { subject, scopes, audience: deps.tokenUrl.href, now: deps.clock.now() }
  return new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: await signAssertion(deps.serviceAccount, claims),
  })
}

function notConfigured(names: string): AppError {
  return new AppError('google_org_not_configured', `Google cannot be asked: ${names} is not set.`, {
    retry: 'later',
    details: { concerns: 'everybody' },
  })
}

function consentForgotten(): AppError {
  return new AppError(
    'google_grant_invalid',
    'The permission is not stored any more. The person has to connect the calendar again.',
    { retry: 'later' },
  )
}
