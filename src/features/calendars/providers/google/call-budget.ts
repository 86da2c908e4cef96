import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../../base/clock.ts'
import { AppError } from '../../../../base/errors.ts'
import { SECOND_MS } from '../../../../base/time.ts'
import type { Database } from '../../../../platform/db/index.ts'
import type { CallRate, CallRates } from '../provider.ts'
import { holdCalls, takeCalls } from './call-budget-store.ts'

/** How urgent a call is. `push`: something changed; `routine`: a look from time to time; `onboarding`: a calendar's first reading. */
export type CallPriority = 'push' | 'routine' | 'onboarding'

/** Calls to Google are counted here, for all processes together, before they are made. */
export interface CallBudget {
  /**
   * Returns when a call may be made. Throws `google_budget_spent` (with `retryAfterMs`) where that would take too long: at once for what
   * is routine, which must not keep notices of changes waiting.
   */
  take(input: { user: string; priority: CallPriority; signal?: AbortSignal }): Promise<void>
  /** Nobody calls for this user, or for the whole project, for so long. */
  hold(scope: 'user' | 'project', user: string, durationMs: number): Promise<void>
}

interface CallBudgetDeps {
  db: Database
  clock: Clock
  rates?: CallRates
  /** For tests. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>
}

/**
 * Google allows 10,000 calls a minute and project, 600 a minute and user of it, over a sliding window
 * (developers.google.com/workspace/calendar/api/guides/quota, 2026-09). Burst and refill of a minute together stay below that.
 */
const GOOGLE_RATES: CallRates = {
  project: { capacity: 1_500, perSecond: 8_000 / 60 },
  user: { capacity: 100, perSecond: 480 / 60 },
}

/** The share of a full budget that less urgent calls leave alone. */
const RESERVES: Record<CallPriority, number> = { push: 0, routine: 0.2, onboarding: 0.5 }

/** How long a call waits for its turn. New calendars are read by workers of their own, where they keep only each other waiting. */
const PATIENCE_MS: Record<CallPriority, number> = { push: 10 * SECOND_MS, routine: 0, onboarding: 60 * SECOND_MS }
/** Calls are taken from the database a few at a time, and those not made within a second are given up. */
const PROJECT_PORTION = 25
const USER_PORTION = 5
const PORTION_LIFE_MS = SECOND_MS
const MAX_PORTIONS = 5_000

interface Portion {
  left: number
  endsAt: number
}

export function createCallBudget(deps: CallBudgetDeps): CallBudget {
  const rates = deps.rates ?? GOOGLE_RATES
  const wait = deps.wait ?? ((ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal ? { signal } : {}))
  const portions = new Map<string, Portion>()
  const nowMs = () => deps.clock.now().getTime()

  /** Milliseconds to wait; 0 if the call was granted. */
  async function takeOne(name: string, rate: CallRate, portion: number, priority: CallPriority): Promise<number> {
    const key = `${priority} ${name}`
    const held = portions.get(key)
    if (held && held.left > 0 && held.endsAt > nowMs()) {
      held.left -= 1
      return 0
    }
    const reserve = Math.floor(rate.capacity * RESERVES[priority])
    const { granted, waitMs } = await takeCalls(deps.db, {
      name,
      rate,
      wanted: portion,
      reserve,
      now: deps.clock.now(),
    })
    if (granted === 0) return Math.max(waitMs, 20)
    if (portions.size >= MAX_PORTIONS) portions.clear()
    portions.set(key, { left: granted - 1, endsAt: nowMs() + PORTION_LIFE_MS })
    return 0
  }

  async function takeOrWait(name: string, rate: CallRate, portion: number, input: Parameters<CallBudget['take']>[0]) {
    let waitedMs = 0
    for (;;) {
      const waitMs = await takeOne(name, rate, portion, input.priority)
      if (waitMs === 0) return
      if (waitedMs + waitMs > PATIENCE_MS[input.priority]) throw budgetSpent(waitMs)
      await wait(waitMs, input.signal)
      waitedMs += waitMs
    }
  }

  return {
    async take(input) {
      await takeOrWait(userName(input.user), rates.user, USER_PORTION, input)
      await takeOrWait(PROJECT, rates.project, PROJECT_PORTION, input)
    },
    async hold(scope, user, durationMs) {
      const name = scope === 'project' ? PROJECT : userName(user)
      for (const key of portions.keys()) if (key.endsWith(` ${name}`)) portions.delete(key)
      const { capacity } = rates[scope]
      await holdCalls(deps.db, name, new Date(nowMs() + durationMs), capacity, deps.clock.now())
    },
  }
}

const PROJECT = 'google project'

function userName(user: string): string {
  return `google user ${user}`
}

function budgetSpent(waitMs: number): AppError {
  return new AppError('google_budget_spent', 'Google is asked as often as it allows; this call has to wait its turn.', {
    retry: 'later',
    retryAfterMs: waitMs,
    details: { concerns: 'turn' },
  })
}
