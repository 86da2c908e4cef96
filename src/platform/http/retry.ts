import { backoffMs, type Growth } from '../../base/backoff.ts'
import { isAppError } from '../../base/errors.ts'

const GROWTH: Growth = { firstMs: 250, mostMs: 5_000 }
const RETRY_STATUSES = new Set([408, 429, 500, 502, 503, 504])

/** Whether an answer with this status may turn out better at once. */
export function isRetryStatus(status: number): boolean {
  return RETRY_STATUSES.has(status)
}

/** Whether a failure may turn out better at once. A timeout may not: its time is used up. */
export function isRetryError(error: unknown): boolean {
  return isAppError(error, 'http_unreachable') || isAppError(error, 'http_truncated')
}

/** The wait before attempt `attempt` + 1 (counted from 0), in milliseconds: doubling, with half of it left to chance. */
export function retryWaitMs(attempt: number, random: () => number): number {
  const most = backoffMs(attempt, GROWTH)
  return Math.round(most / 2 + (most / 2) * random())
}

/** What a Retry-After header asks for, in milliseconds from `now`; it may hold seconds or an HTTP date. */
export function parseRetryAfter(value: string | null, now: Date): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // A date has letters; Date.parse would also take bare numbers for years.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}
