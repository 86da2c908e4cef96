import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { Clock } from '../../../../base/clock.ts'
import { type AppError, isAppError } from '../../../../base/errors.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import { type GoogleAccess, quotaUserOf } from './access.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { ApiAlarm } from './api-alarm.ts'
import type { CallBudget, CallPriority } from './call-budget.ts'
import { scopeOfLimit, translateGoogleError, unreachable, unreadableAnswer } from './google-errors.ts'

interface GoogleCall<T> {
  as: GoogleAccess
  api: 'calendar' | 'admin'
  /** GET if not given. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API's address, such as `/calendars/primary/events`; parts that come from outside are encoded by the caller. */
  path: string
  query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
  body?: unknown
  /** Reads the answer; an empty one is undefined. */
  schema: z.ZodType<T>
  priority: CallPriority
  signal?: AbortSignal
  timeoutMs?: number
  /** How large the answer may be; 10 MiB if not given. */
  maxBytes?: number
}

/** The one way to Google's APIs. */
export interface GoogleApi {
  /**
   * Makes one call within the budget and reads its answer. A refused token is replaced once; a read that met a passing fault is tried
   * once more. Throws an `AppError` with a `google_…` code, and `retryAfterMs` where Google asked for a pause. An API that is switched off
   * is one alarm for everybody, and one try a minute.
   */
  call<T>(call: GoogleCall<T>): Promise<T>
}

interface GoogleApiDeps {
  http: HttpClient
  clock: Clock
  tokens: AccessTokens
  alarm: ApiAlarm
  budget: CallBudget
  addresses: { calendarApiUrl: URL; adminApiUrl: URL }
}

const FIRST_PAUSE_MS = 400

export function createGoogleApi(deps: GoogleApiDeps): GoogleApi {
  return {
    async call(call) {
      // Of the Admin API one reader is told, who stores it himself.
      const alarm = call.api === 'calendar' ? deps.alarm : undefined
      await alarm?.check(call.as)
      let token = await deps.tokens.get(call.as, call.signal)
      let hasNewToken = false
      for (let attempt = 1; ; attempt++) {
        await deps.budget.take({
          user: quotaUserOf(call.as),
          priority: call.priority,
          ...(call.signal ? { signal: call.signal } : {}),
        })
        try {
          const answer = readAnswer(call.schema, await send(deps, call, token))
          await alarm?.end(call.as)
          return answer
        } catch (error) {
          if (isAppError(error, 'google_unauthorized') && !hasNewToken) {
            token = await deps.tokens.replace(call.as, token, call.signal)
            hasNewToken = true
            continue
          }
          if (alarm && isAppError(error, 'google_org_api_disabled')) throw await alarm.raise(call.as, error)
          if (isAppError(error, 'google_rate_limited')) await holdAfter(deps, call.as, error)
          if (attempt > 1 || !mayTryAgain(call, error)) throw error
          await sleep(FIRST_PAUSE_MS * (0.5 + Math.random()), undefined, call.signal ? { signal: call.signal } : {})
        }
      }
    },
  }
}

async function send<T>(deps: GoogleApiDeps, call: GoogleCall<T>, token: string): Promise<HttpResponse> {
  const method = call.method ?? 'GET'
  const response = await request(deps.http, {
    url: addressOf(deps, call),
    method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      'x-goog-quota-user': quotaUserOf(call.as),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    guard: 'trusted',
    // Counted and paced here, not below.
    retries: 0,
    maxRedirects: 0,
    ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
    ...(call.maxBytes === undefined ? {} : { maxBytes: call.maxBytes }),
    ...(call.signal ? { signal: call.signal } : {}),
  })
  const { status } = response
  if (status >= 200 && status < 300) return response
  throw translateGoogleError(response)
}

async function request(http: HttpClient, request: Parameters<HttpClient['request']>[0]): Promise<HttpResponse> {
  try {
    return await http.request(request)
  } catch (error) {
    // Too large an answer is the caller's to mend, by asking for less.
    throw isAppError(error) && error.code !== 'http_too_large' ? unreachable(error) : error
  }
}

function addressOf<T>({ addresses }: GoogleApiDeps, { api, path, query }: GoogleCall<T>): URL {
  const base = api === 'calendar' ? addresses.calendarApiUrl : addresses.adminApiUrl
  const url = new URL(base.href.replace(/\/$/, '') + path)
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) url.searchParams.append(name, String(item))
    }
  }
  return url
}

function readAnswer<T>(schema: z.ZodType<T>, response: HttpResponse): T {
  const text = response.text()
  try {
    return schema.parse(text === '' ? undefined : JSON.parse(text))
  } catch (cause) {
    throw unreadableAnswer(cause)
  }
}

/** Google's pause goes into the database, where every process obeys it; without a time it named, a second at least. */
async function holdAfter(deps: GoogleApiDeps, access: GoogleAccess, error: AppError): Promise<void> {
  const durationMs = Math.max(SECOND_MS, error.retryAfterMs ?? 0)
  await deps.budget.hold(scopeOfLimit(error), quotaUserOf(access), durationMs)
}

function mayTryAgain<T>(call: GoogleCall<T>, error: unknown): boolean {
  const isRead = (call.method ?? 'GET') === 'GET'
  const isPassing = isAppError(error, 'google_unavailable') || isAppError(error, 'google_unreadable_answer')
  return isRead && isPassing && (error.retryAfterMs ?? 0) === 0
}
