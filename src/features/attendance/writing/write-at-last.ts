import { isAppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import type { Timers } from '../../../base/timers.ts'
import type { Logger } from '../../../platform/observe/index.ts'

const PAUSE_MS = 250
/** After so long without the database a write is given up: no bot is in its room for longer. */
const GIVE_UP_MS = 11 * MINUTE_MS

/**
 * Does a write, and does it again for as long as the database is away, at most eleven minutes. It may have been done although nobody could say
 * so: `write` is told when it is repeated, and must be able to run twice.
 */
export async function writeAtLast<T>(
  deps: { timers: Timers; log: Logger },
  write: (isRepeated: boolean) => Promise<T>,
): Promise<T> {
  const begunMs = deps.timers.monotonicMs()
  for (let attempt = 0; ; attempt++) {
    try {
      return await write(attempt > 0)
    } catch (error) {
      const isOver = deps.timers.monotonicMs() - begunMs > GIVE_UP_MS
      if (isOver || !isAppError(error) || error.retry !== 'later') throw error
      if (attempt === 0) deps.log.warn('A write of attendance has to wait', { error })
      await deps.timers.wait(PAUSE_MS)
    }
  }
}
