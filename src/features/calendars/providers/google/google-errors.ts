import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../base/time.ts'
import type { HttpResponse } from '../../../../platform/http/index.ts'

const errorBody = z.object({
  error: z.object({
    message: z.string().catch(''),
    errors: z.array(z.object({ reason: z.string().catch('') })).catch([]),
    details: z.array(z.looseObject({ reason: z.string().optional() })).catch([]),
  }),
})

interface Said {
  /** All reasons in the body; the status alone does not tell a missing right from a limit (developers.google.com/calendar/api/guides/errors, 2026-09). */
  reasons: readonly string[]
  message: string
}

/** What an answer other than success means, as an error whose code says what is to be done. */
export function translateGoogleError(response: HttpResponse): AppError {
  const said = readBody(response)
  const details = { status: response.status, reasons: said.reasons, said: said.message.slice(0, 300) }
  const fail = (code: string, message: string, retry: 'never' | 'later' = 'never', retryAfterMs?: number) =>
    new AppError(code, message, { retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), details })
  const has = (...reasons: string[]) => said.reasons.some((reason) => reasons.includes(reason))

  if (isLimit(response.status, said)) {
    const retryAfterMs = response.retryAfterMs ?? usualPauseMs(said)
    return new AppError('google_rate_limited', 'Google asked for a pause before the next call.', {
      retry: 'later',
      retryAfterMs,
      details: { ...details, concerns: 'turn' },
    })
  }
  if (has('pushNotSupportedForRequestedResource')) {
    return fail(
      'google_push_not_supported',
      'Google sends no notice of changes for this calendar; it is looked at from time to time.',
    )
  }
  if (has('push.webhookUrlUnauthorized', 'webhookUrlUnauthorized') || /unauthorized webhook/i.test(said.message)) {
    return fail(
      'google_push_address_refused',
      'Google refuses to send notice of changes to this address. Verify its domain in Search Console under the account that owns the Google Cloud project.',
    )
  }
  if (has('notACalendarUser')) {
    return fail(
      'google_not_calendar_user',
      'This Google account has no Calendar. Give it a licence with Calendar, or leave it out.',
    )
  }
  if (has('accessNotConfigured', 'SERVICE_DISABLED')) {
    return fail(
      'google_org_api_disabled',
      'The Google Cloud project has not enabled the API that was asked. Enable the Calendar API and, for the whole domain, the Admin SDK API.',
      'later',
    )
  }
  if (has('insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT')) {
    return fail(
      'google_scope_missing',
      'The permission that was given does not cover this call. Give the scope that is missing.',
      'later',
    )
  }
  switch (response.status) {
    case 401:
      return fail('google_unauthorized', 'Google does not accept the access token, also not a fresh one.', 'later')
    case 403:
      return fail('google_forbidden', 'Google refuses access to this calendar or person.', 'later')
    case 404:
      return fail(
        'google_not_found',
        'Google does not know this calendar, or shows it to nobody who asks through us.',
        'later',
      )
    case 409:
      return fail('google_conflict', 'Google has something under this name already.')
    case 410:
      return fail('google_gone', 'What Google was asked to go on from is no longer valid.')
  }
  if (response.status >= 500 || response.status === 408) {
    return fail('google_unavailable', `Google answered with status ${response.status}.`, 'later', response.retryAfterMs)
  }
  return fail('google_bad_request', `Google cannot use the request (status ${response.status}).`)
}

/** Whom a limit that was met concerns: one person's share, or all of the project's. */
export function scopeOfLimit(error: AppError): 'user' | 'project' {
  const reasons = error.details.reasons
  const isUsers =
    Array.isArray(reasons) && reasons.some((reason) => /^(userRateLimitExceeded|quotaExceeded)/.test(reason))
  return isUsers ? 'user' : 'project'
}

/** An answer that is no JSON, or not of the form that was asked for: a proxy's page, a fault. */
export function unreadableAnswer(cause: unknown): AppError {
  return new AppError('google_unreadable_answer', 'Google answered with something that cannot be understood.', {
    retry: 'later',
    cause,
  })
}

/** No answer at all. */
export function unreachable(error: AppError): AppError {
  return new AppError('google_unavailable', `Google could not be asked. ${error.message}`, {
    retry: 'later',
    details: { code: error.code },
    cause: error,
  })
}

const LIMITS = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'userRateLimitExceededUnreg',
  'quotaExceeded',
  'dailyLimitExceeded',
  'RATE_LIMIT_EXCEEDED',
]

function isLimit(status: number, said: Said): boolean {
  return status === 429 || (status === 403 && said.reasons.some((reason) => LIMITS.includes(reason)))
}

/** Where Google names no time: seconds for a rate, longer for its guard against abuse ("Calendar usage limits exceeded"). */
function usualPauseMs({ reasons }: Said): number {
  if (reasons.includes('dailyLimitExceeded')) return HOUR_MS
  if (reasons.includes('quotaExceeded')) return 10 * MINUTE_MS
  return 5 * SECOND_MS
}

function readBody(response: HttpResponse): Said {
  try {
    const { error } = errorBody.parse(JSON.parse(response.text()))
    const reasons = [...error.errors.map(({ reason }) => reason), ...error.details.map(({ reason }) => reason ?? '')]
    return { reasons: reasons.filter((reason) => reason !== ''), message: error.message }
  } catch {
    return { reasons: [], message: '' }
  }
}
