import type { Clock } from '../../src/base/clock.ts'

interface Timer {
  dueMs: number
  seq: number
  fire: () => void
}

/** Time that passes only when told to, with timers; whatever one sets off comes to rest before the next fires. */
export interface SimTime {
  clock: Clock
  nowMs(): number
  /** Answers how to take it back. */
  after(ms: number, fire: () => void): () => void
  /** Lets time pass. */
  advance(ms: number): Promise<void>
  /** Waits until nothing is on its way any more. */
  settle(): Promise<void>
}

/** `isBusy`: something is on its way, a statement or a call. `onInstant` is told whenever a timer has fired and all is at rest again. */
export function createSimTime(options: { start: Date; isBusy(): boolean; onInstant(): void }): SimTime {
  const timers: Timer[] = []
  let nowMs = options.start.getTime()
  let seq = 0

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = options.isBusy() ? 0 : quiet + 1
    }
  }

  /** Takes the timer that is due first, if one is by then. */
  function take(untilMs: number): Timer | undefined {
    let at = -1
    for (const [index, { dueMs, seq }] of timers.entries()) {
      const first = timers[at]
      if (!first || dueMs < first.dueMs || (dueMs === first.dueMs && seq < first.seq)) at = index
    }
    const first = timers[at]
    if (!first || first.dueMs > untilMs) return undefined
    timers.splice(at, 1)
    return first
  }

  return {
    clock: { now: () => new Date(nowMs) },
    nowMs: () => nowMs,
    after(ms, fire) {
      const timer = { dueMs: nowMs + Math.max(0, ms), seq: seq++, fire }
      timers.push(timer)
      return () => {
        const at = timers.indexOf(timer)
        if (at !== -1) timers.splice(at, 1)
      }
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let timer = take(untilMs); timer; timer = take(untilMs)) {
        nowMs = Math.max(nowMs, timer.dueMs)
        timer.fire()
        await settle()
        options.onInstant()
      }
      nowMs = untilMs
      options.onInstant()
    },
    settle,
  }
}
