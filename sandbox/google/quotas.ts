import { MINUTE_MS } from '../../src/base/time.ts'
import { GoogleError } from './errors.ts'

/** Calls per minute; null: no limit. */
export interface QuotaLimits {
  projectPerMinute: number | null
  userPerMinute: number | null
}

/** New projects since 2026-05-01 (quota guide, read 2026-11). */
export const usualQuotas: QuotaLimits = { projectPerMinute: 10_000, userPerMinute: 600 }

/** Who was called how often within the last minute. */
export interface Quotas {
  readonly limits: QuotaLimits
  /** Counts a call. Throws what Google answers where it is one too many; such a call is not counted. */
  spend(user: string): void
}

/** Counts by the clock, in a window that slides. */
export function createQuotas(now: () => number, limits: QuotaLimits): Quotas {
  const project = createWindow()
  const users = new Map<string, Window>()
  const tooMany = (reason: string, message: string) => new GoogleError(403, reason, message, { domain: 'usageLimits' })
  return {
    limits,
    spend(user) {
      const since = now() - MINUTE_MS
      const own = users.get(user) ?? createWindow()
      users.set(user, own)
      if (limits.projectPerMinute !== null && project.count(since) >= limits.projectPerMinute) {
        throw tooMany('rateLimitExceeded', 'Rate Limit Exceeded')
      }
      if (limits.userPerMinute !== null && own.count(since) >= limits.userPerMinute) {
        throw tooMany('userRateLimitExceeded', 'User Rate Limit Exceeded')
      }
      if (limits.projectPerMinute !== null) project.add(now())
      if (limits.userPerMinute !== null) own.add(now())
    },
  }
}

interface Window {
  add(at: number): void
  count(since: number): number
}

function createWindow(): Window {
  let times: number[] = []
  let first = 0
  return {
    add: (at) => void times.push(at),
    count(since) {
      while (first < times.length && (times[first] ?? 0) <= since) first += 1
      if (first > 1_024 && first * 2 > times.length) {
        times = times.slice(first)
        first = 0
      }
      return times.length - first
    },
  }
}
