/** How a process was asked to stop, and how to hear that it is to hurry. */
export interface StopRequest {
  signal: NodeJS.Signals
  /** Resolves when it is asked again. */
  again: Promise<void>
}

/** Resolves when the process is asked to stop (SIGTERM, SIGINT, SIGHUP); asked a second time by SIGINT, it ends at once. */
export function untilStopped(): Promise<StopRequest> {
  const again = Promise.withResolvers<void>()
  return new Promise((resolve) => {
    let isStopping = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (isStopping && signal === 'SIGINT') process.exit(130)
        if (isStopping) again.resolve()
        isStopping = true
        resolve({ signal, again: again.promise })
      })
    }
  })
}

/** Running jobs get this long to finish before another worker repeats them. */
export const DRAIN_MS = 30_000
