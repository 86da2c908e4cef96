import { monotonicMs } from './clock.ts'

/** What runs later or again and again. Given to whatever waits, so that tests can let time pass. */
export interface Timers {
  /** Answers how to stop it. */
  every(ms: number, work: () => void): () => void
  /** Resolves after this time. */
  wait(ms: number): Promise<void>
  /** As `monotonicMs` of clock.ts. */
  monotonicMs(): number
}

export const systemTimers: Timers = {
  every(ms, work) {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  monotonicMs,
}
