import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../../../base/clock.ts'
import { type AppError, isAppError } from '../../../../base/errors.ts'
import { MINUTE_MS } from '../../../../base/time.ts'
import type { GoogleAddresses, ServiceAccountKey } from '../../../../platform/config/index.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import { translateGoogleError, unreachable } from './google-errors.ts'
import { signAssertion } from './sign-assertion.ts'
import { translateTokenRefusal } from './token-errors.ts'

export interface TrialDeps {
  http: HttpClient
  clock: Clock
  serviceAccount: ServiceAccountKey
  addresses: Pick<GoogleAddresses, 'tokenUrl' | 'calendarApiUrl' | 'adminApiUrl'>
}

/** What came of trying: nothing, or what Google says, and how far this machine's clock is from Google's, in milliseconds. */
interface Trial {
  problem?: AppError
  clockSkewMs?: number
  token?: string
}

const tokenAnswer = z.object({ access_token: z.string() })

/**
 * Tries whether the service account may act for a person with one scope, and makes one small call with it, where the API is named. Uses and stores no token of
 * others, so that it says what is true now.
 */
export async function tryScope(
  deps: TrialDeps,
  { subject, scope, api }: { subject: string; scope: string; api: 'calendar' | 'admin' | 'none' },
): Promise<Trial> {
  const { tokenUrl, calendarApiUrl, adminApiUrl } = deps.addresses
  const claims = { subject, scopes: [scope], audience: tokenUrl.href, now: deps.clock.now() }
  const assertion = await signAssertion(deps.serviceAccount, claims)
  return attempt(async () => {
    const answer = await deps.http.request({
      url: tokenUrl,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
      guard: 'trusted',
    })
    const clockSkewMs = skewOf(answer, deps.clock)
    const skew = clockSkewMs === undefined ? {} : { clockSkewMs }
    if (answer.status !== 200) return { ...skew, problem: translateTokenRefusal(answer, 'service_account').error }
    const token = tokenAnswer.parse(JSON.parse(answer.text())).access_token
    if (api === 'none') return { ...skew, token }
    const url =
      api === 'calendar'
        ? `${calendarApiUrl.href}/calendars/primary/events?maxResults=1&fields=kind`
        : `${adminApiUrl.href}/users?customer=my_customer&maxResults=1&fields=kind`
    const called = await deps.http.request({ url, headers: { authorization: `Bearer ${token}` }, guard: 'trusted' })
    return called.status === 200 ? { ...skew, token } : { ...skew, problem: translateGoogleError(called) }
  })
}

/** Tries whether Google would send notices to an address, by a channel that ends at once. */
export async function tryNotices(
  deps: TrialDeps,
  { token, address }: { token: string; address: string },
): Promise<Trial> {
  const post = (path: string, body: unknown) =>
    deps.http.request({
      url: `${deps.addresses.calendarApiUrl.href}${path}`,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      guard: 'trusted',
    })
  return attempt(async () => {
    const id = randomUUID()
    const expiration = String(deps.clock.now().getTime() + 5 * MINUTE_MS)
    const opened = await post('/calendars/primary/events/watch', { id, type: 'web_hook', address, expiration })
    if (opened.status !== 200) return { problem: translateGoogleError(opened) }
    const { resourceId } = z.object({ resourceId: z.string() }).parse(JSON.parse(opened.text()))
    await post('/channels/stop', { id, resourceId })
    return {}
  })
}

async function attempt(work: () => Promise<Trial>): Promise<Trial> {
  try {
    return await work()
  } catch (error) {
    if (!isAppError(error)) throw error
    return { problem: unreachable(error) }
  }
}

function skewOf({ headers }: HttpResponse, clock: Clock): number | undefined {
  const at = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(at) ? undefined : Math.abs(clock.now().getTime() - at)
}
