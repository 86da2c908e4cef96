import type { ServerResponse } from 'node:http'
import type { GoogleAnswer, GoogleCall } from './call.ts'
import {
  authError,
  badRequest,
  forbidden,
  GoogleError,
  insufficientScope,
  notFound,
  syncTokenGone,
  writeError,
} from './errors.ts'

const overRate = (reason: string, message: string) => new GoogleError(403, reason, message, { domain: 'usageLimits' })

/** The answers that are errors of the API, with the texts of the error guide (as of 2026-11). */
const ERRORS = {
  rate_limit: () => overRate('rateLimitExceeded', 'Rate Limit Exceeded'),
  user_rate_limit: () => overRate('userRateLimitExceeded', 'User Rate Limit Exceeded'),
  too_many_requests: () =>
    new GoogleError(429, 'rateLimitExceeded', 'Too many requests', {
      domain: 'usageLimits',
      rpcStatus: 'RESOURCE_EXHAUSTED',
    }),
  quota_exceeded: () => overRate('quotaExceeded', 'Calendar usage limits exceeded.'),
  unauthorized: authError,
  insufficient_scope: insufficientScope,
  forbidden: () => forbidden(),
  not_a_calendar_user: () => forbidden('notACalendarUser', 'The user must be signed up for Google Calendar.'),
  push_not_supported: () =>
    forbidden('pushNotSupportedForRequestedResource', 'Push notifications are not supported by this resource.'),
  api_disabled: () =>
    new GoogleError(
      403,
      'accessNotConfigured',
      'Google Calendar API has not been used in this project or is disabled.',
      {
        domain: 'usageLimits',
      },
    ),
  not_found: notFound,
  sync_token_gone: () => syncTokenGone(),
  sync_token_gone_without_reason: () => syncTokenGone(false),
  page_token_refused: () => badRequest('Invalid page token value.', 'pageToken'),
  backend_error: () => new GoogleError(503, 'backendError', 'Backend Error'),
  internal_error: () => new GoogleError(500, 'backendError', 'Internal Error', { rpcStatus: 'INTERNAL' }),
} satisfies Record<string, () => GoogleError>

const LOGIN_PAGE =
  '<!doctype html><html><head><title>Sign in - Google Accounts</title></head><body>Sign in</body></html>\n'
const ERROR_PAGE = '<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p>That’s an error.</html>\n'
const html = { 'content-type': 'text/html; charset=UTF-8' }

/** The answers that are none of the API. */
const ODD_ANSWERS = {
  html: (): GoogleAnswer => ({ status: 200, text: LOGIN_PAGE, headers: html }),
  html_error: (): GoogleAnswer => ({ status: 502, text: ERROR_PAGE, headers: html }),
  empty: (): GoogleAnswer => ({ status: 200, text: '' }),
  error_with_status_200: (): GoogleAnswer => ({ status: 200, text: writeError(ERRORS.backend_error()) }),
} satisfies Record<string, () => GoogleAnswer>

/** What happens to the connection: nothing comes, it is cut at once, or in the middle of the answer. */
const BROKEN_CONNECTIONS = ['hang', 'reset', 'cut'] as const

type FaultName = keyof typeof ERRORS | keyof typeof ODD_ANSWERS | (typeof BROKEN_CONNECTIONS)[number]

/** A fault to order, and for whom. What is left out means all. */
export interface FaultOrder {
  fault: FaultName
  /** `events.list`, `token` and so on. */
  method?: string
  /** For whom the caller acts. */
  email?: string
  when?: (call: GoogleCall) => boolean
  /** How many calls it meets; default: all, until it is taken away. */
  times?: number
  /** So many calls that it would meet go well first. */
  after?: number
  retryAfterSeconds?: number
}

/** Faults to order. */
export interface GoogleFaults {
  /** Answers a function that takes it away. */
  order(order: FaultOrder): () => void
  clear(): void
  /** The fault that meets this call, which counts as one of its times. */
  meet(call: GoogleCall, email: string | undefined): FaultOrder | undefined
}

export function createFaults(): GoogleFaults {
  let orders: { order: FaultOrder; after: number; times: number }[] = []
  return {
    order(order) {
      const kept = { order, after: order.after ?? 0, times: order.times ?? Number.POSITIVE_INFINITY }
      orders.push(kept)
      return () => {
        orders = orders.filter((one) => one !== kept)
      }
    },
    clear() {
      orders = []
    },
    meet(call, email) {
      for (const kept of orders) {
        const { order } = kept
        if (order.method !== undefined && order.method !== call.name) continue
        if (order.email !== undefined && order.email !== email) continue
        if (order.when && !order.when(call)) continue
        if (kept.times <= 0) continue
        if (kept.after > 0) {
          kept.after -= 1
          continue
        }
        kept.times -= 1
        return order
      }
      return undefined
    },
  }
}

/** The answer that a fault gives; undefined where it breaks the connection instead. */
export function answerOfFault({ fault, retryAfterSeconds }: FaultOrder): GoogleAnswer | undefined {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  if (fault in ODD_ANSWERS) {
    const answer = ODD_ANSWERS[fault as keyof typeof ODD_ANSWERS]()
    return { ...answer, headers: { ...answer.headers, ...headers } }
  }
  const make = ERRORS[fault as keyof typeof ERRORS]
  if (!make) return undefined
  const error = make()
  return { status: error.status, text: writeError(error), headers: { ...error.extra.headers, ...headers } }
}

/** Does to a connection what the fault says; `text` is what would have been sent. */
export function breakConnection({ fault }: FaultOrder, response: ServerResponse, text: string): void {
  // Nobody answers: the reader has to give up.
  if (fault === 'hang') return
  if (fault === 'reset') return void response.socket?.resetAndDestroy()
  response.writeHead(200, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(text),
  })
  response.write(text.slice(0, text.length / 2), () => response.destroy())
}
