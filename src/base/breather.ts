import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 15

/** Answers a function to await within a long computation: it lets everything else have its turn, each time a slice of time is used up. */
export function createBreather(): () => Promise<void> {
  let sliceBegan = performance.now()
  return async () => {
    if (performance.now() - sliceBegan < SLICE_MS) return
    await setImmediate()
    sliceBegan = performance.now()
  }
}
