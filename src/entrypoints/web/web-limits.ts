import type { Clock } from '../../base/clock.ts'
import { SECOND_MS } from '../../base/time.ts'
import { createSlowDown, type SlowDown } from './guards/slow-down.ts'

/** What slows down callers that are wrong, each by itself. */
export interface WebLimits {
  /** Sign-in links that are none, and answers of a provider to nothing that was asked. */
  signIn: SlowDown
  /** Notices that are not believed. What still comes for an earlier installation's channels stays below. */
  notices: SlowDown
}

export function createWebLimits(clock: Clock): WebLimits {
  return {
    signIn: createSlowDown(clock, { burst: 30, everyMs: 2 * SECOND_MS }),
    notices: createSlowDown(clock, { burst: 200, everyMs: SECOND_MS / 20 }),
  }
}
