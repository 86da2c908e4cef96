/** Resolves when the process is asked to stop (SIGTERM, SIGINT, SIGHUP); asked a second time by SIGINT, it ends at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (isStopping && signal === 'SIGINT') process.exit(130)
        isStopping = true
        resolve(signal)
      })
    }
  })
}

/** Running jobs get this long to finish before another worker repeats them. */
export const DRAIN_MS = 30_000
