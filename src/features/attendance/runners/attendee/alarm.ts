/** Pauses of one who looks again and again. */
interface Alarm {
  /** Resolves after this time, or earlier where it is woken. */
  pause(ms: number): Promise<void>
  /** Ends the pause at once; where nobody sleeps, the next one. */
  wake(): void
  /** There may be something to see: wakes, but not sooner than a while after the last pause ended. */
  hint(): void
  /** Whether there was a hint since this was asked last. */
  takeHint(): boolean
}

/** `hintedMs`: how long after one pause another goes on, however many hints come. */
export function createAlarm(hintedMs: number): Alarm {
  let isRinging = false
  let ring = () => {}
  let isHinted = false
  let soon: NodeJS.Timeout | undefined
  let endedMs = Number.NEGATIVE_INFINITY

  function wake(): void {
    isRinging = true
    ring()
  }

  return {
    wake,
    hint() {
      isHinted = true
      const leftMs = endedMs + hintedMs - performance.now()
      if (leftMs <= 0) return wake()
      soon ??= setTimeout(() => {
        soon = undefined
        wake()
      }, leftMs).unref()
    },
    takeHint() {
      const was = isHinted
      isHinted = false
      return was
    },
    pause(ms) {
      return new Promise((resolve) => {
        const finish = () => {
          clearTimeout(timer)
          clearTimeout(soon)
          soon = undefined
          isRinging = false
          ring = () => {}
          endedMs = performance.now()
          resolve()
        }
        const timer = setTimeout(finish, Math.min(ms, 2 ** 31 - 1))
        ring = finish
        if (isRinging) finish()
      })
    },
  }
}
