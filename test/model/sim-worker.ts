import type { Timers } from '../../src/base/timers.ts'
import type { CrashGate } from './crash-gate.ts'
import type { SimTime } from './sim-time.ts'

/**
 * One worker's timers: a dead worker's never fire, and those of a stopped one fire when it goes on. Turns come `stretch` times more seldom than in
 * truth, which spares most of the looks that find nothing.
 */
export function createWorkerTimers(time: SimTime, gate: CrashGate, stretch: number): Timers & { wake(): void } {
  const late = new Set<() => void>()
  const run = (work: () => void) => {
    if (gate.state === 'dead') return
    if (gate.state === 'paused') late.add(work)
    else work()
  }
  return {
    every(ms, work) {
      let stop = () => {}
      const again = () => {
        if (gate.state === 'dead') return
        stop = time.after(ms * stretch, again)
        run(work)
      }
      stop = time.after(ms * stretch, again)
      return () => stop()
    },
    wait: (ms) => new Promise((resolve) => void time.after(ms, () => run(resolve))),
    monotonicMs: () => time.nowMs(),
    wake() {
      const works = [...late]
      late.clear()
      for (const work of works) work()
    },
  }
}
