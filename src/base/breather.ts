const SLICE_MS = 15

/** Long computations of this process that wait for their next slice, in order. */
const waiting: (() => void)[] = []

/**
 * Answers a function to await within a long computation: it lets everything else have its turn, each time a slice of time is used up. However many
 * long computations there are, one of them has a slice between two turns of everything else.
 */
export function createBreather(): () => Promise<void> {
  let sliceBegan = performance.now()
  return async () => {
    if (performance.now() - sliceBegan < SLICE_MS) return
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(goOn)
    })
    sliceBegan = performance.now()
  }
}

function goOn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(goOn)
}
