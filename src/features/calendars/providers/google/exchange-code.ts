import { z } from 'zod'
import { AppError, isAppError } from '../../../../base/errors.ts'
import { normaliseEmail } from '../../../../base/text.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import type { ProviderAccount } from '../provider-consent.ts'

export interface ExchangeCodeDeps {
  http: HttpClient
  client: { id: string; secret: string }
  addresses: { tokenUrl: URL; userinfoUrl: URL }
}

/** What Google gives for a code. */
interface ConsentTokens {
  accessToken: string
  /** Google sends one with the first consent only, unless it is asked for again. */
  refreshToken: string | undefined
  /** What the person allowed, which may be less than was asked for. */
  scopes: readonly string[]
}

const tokens = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  scope: z.string().catch(''),
})

/** Exchanges a code once; Google refuses a second time. Throws `consent_spent`, `google_client_refused` and `google_unavailable`. */
export async function exchangeCode(
  deps: ExchangeCodeDeps,
  input: { code: string; verifier: string; redirectUri: string },
): Promise<ConsentTokens> {
  const response = await ask(deps.http, {
    url: deps.addresses.tokenUrl,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: input.code,
      code_verifier: input.verifier,
      redirect_uri: input.redirectUri,
      client_id: deps.client.id,
      client_secret: deps.client.secret,
    }).toString(),
  })
  if (response.status !== 200) throw refusedCode(response)
  const answer = read(tokens, response)
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    scopes: answer.scope.split(' ').filter((scope) => scope !== ''),
  }
}

const userinfo = z.object({
  sub: z.string().min(1),
  email: z.string(),
  // Some answers write it as a string.
  email_verified: z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]).catch(false),
  name: z.string().optional().catch(undefined),
})

/** Asks who consented. Throws `consent_email_unverified` where Google does not vouch for the address. */
export async function readAccount(deps: ExchangeCodeDeps, accessToken: string): Promise<ProviderAccount> {
  const response = await ask(deps.http, {
    url: deps.addresses.userinfoUrl,
    headers: { authorization: `Bearer ${accessToken}` },
  })
  if (response.status !== 200)
    throw unavailable(`Google would not say whose account it is (status ${response.status}).`)
  const { sub, email: given, email_verified: isVerified, name } = read(userinfo, response)
  const email = normaliseEmail(given)
  if (email === undefined || !isVerified) {
    throw new AppError(
      'consent_email_unverified',
      'Google has not verified the e-mail address of this account. Verify it at Google, then connect again.',
    )
  }
  return { accountId: sub, email, name: name ?? null }
}

const refusal = z.object({ error: z.string() })

function refusedCode(response: HttpResponse): AppError {
  const said = readSilently(refusal, response)?.error
  const details = { status: response.status, said }
  if (said === 'invalid_client' || said === 'unauthorized_client' || said === 'deleted_client') {
    return new AppError(
      'google_client_refused',
      'Google does not accept the OAuth client of this installation. Its administrator has to check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.',
      { details },
    )
  }
  if (said === 'redirect_uri_mismatch') {
    return new AppError(
      'google_client_refused',
      'Google does not accept our redirect address. The administrator has to enter it with the OAuth client, letter by letter.',
      { details },
    )
  }
  if (said !== undefined && response.status < 500) {
    return new AppError(
      'consent_spent',
      'This answer from Google cannot be used: it was used before, or it is too old. Nothing was changed.',
      { details },
    )
  }
  return unavailable(`Google's sign-in answered with status ${response.status}.`)
}

async function ask(
  http: HttpClient,
  request: Omit<Parameters<HttpClient['request']>[0], 'guard'>,
): Promise<HttpResponse> {
  try {
    return await http.request({
      ...request,
      guard: 'trusted',
      maxRedirects: 0,
      maxBytes: 256 * 1024,
      timeoutMs: 15_000,
    })
  } catch (error) {
    throw isAppError(error) ? unavailable('Google could not be asked.', error) : error
  }
}

function read<T>(schema: z.ZodType<T>, response: HttpResponse): T {
  const answer = readSilently(schema, response)
  if (answer === undefined) throw unavailable('Google answered with something that cannot be understood.')
  return answer
}

function readSilently<T>(schema: z.ZodType<T>, response: HttpResponse): T | undefined {
  try {
    return schema.parse(JSON.parse(response.text()))
  } catch {
    return undefined
  }
}

function unavailable(what: string, cause?: unknown): AppError {
  return new AppError('google_unavailable', `${what} Nothing was connected; try again in a moment.`, {
    retry: 'later',
    ...(cause === undefined ? {} : { cause }),
  })
}
