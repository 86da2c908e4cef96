import type { Clock } from '../../../base/clock.ts'
import { AppError } from '../../../base/errors.ts'

/** Of so many callers at most it is remembered what they tried; the longest quiet ones are forgotten first. */
const MAX_CALLERS = 10_000

interface Pace {
  /** What may fail one after the other. */
  burst: number
  /** After that one more each so many milliseconds. */
  everyMs: number
}

/** Slows down callers whose tries fail. */
export interface SlowDown {
  /** Throws `too_many_tries`, which says how long to wait, where too many tries of this caller failed. */
  require(caller: string): void
  /** Counts one that failed. */
  failed(caller: string): void
}

/** Whoever fails again and again has to wait; whoever succeeds is never counted. In this process alone, and forgotten with it. */
export function createSlowDown(clock: Clock, { burst, everyMs }: Pace): SlowDown {
  /** When each caller will have nothing left to wait for. */
  const clearAtMs = new Map<string, number>()
  const nowMs = () => clock.now().getTime()
  return {
    require(caller) {
      const waitMs = (clearAtMs.get(caller) ?? 0) - nowMs() - (burst - 1) * everyMs
      if (waitMs <= 0) return
      const seconds = Math.ceil(waitMs / 1_000)
      throw new AppError(
        'too_many_tries',
        `Too much of what came from your address was wrong. Wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'} and try again.`,
        { retry: 'later', retryAfterMs: waitMs },
      )
    },
    failed(caller) {
      const clearAt = Math.max(clearAtMs.get(caller) ?? 0, nowMs()) + everyMs
      clearAtMs.delete(caller)
      clearAtMs.set(caller, clearAt)
      const [longestQuiet] = clearAtMs.keys()
      if (clearAtMs.size > MAX_CALLERS && longestQuiet !== undefined) clearAtMs.delete(longestQuiet)
    },
  }
}
