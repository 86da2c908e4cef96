import type { Clock } from '../../src/base/clock.ts'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  set(at: Date | string): void
  advance(ms: number): void
}

export function createManualClock(at: Date | string): ManualClock {
  let current = new Date(at).getTime()
  return {
    now: () => new Date(current),
    set: (next) => {
      current = new Date(next).getTime()
    },
    advance: (ms) => {
      current += ms
    },
  }
}
