/** Does a limited number of things at a time, in order of arrival. It never refuses work: it tells how far behind it is. */
export interface WorkQueue {
  /** What waits and what is being done. */
  readonly pending: number
  /** Settles once less than `room` is pending. */
  whenRoom(signal?: AbortSignal): Promise<void>
  /** Aborting rejects at once; what has begun goes on unheard, and keeps its place until it is done. */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** Rejects all that has not begun. */
  close(reason: Error): void
}

interface Waiting {
  begin(): void
  fail(reason: unknown): void
}

export function createWorkQueue({ width, room }: { width: number; room: number }): WorkQueue {
  const waiting: Waiting[] = []
  const roomSeekers = new Set<() => void>()
  let running = 0
  let closedBy: Error | undefined

  const beginNext = () => {
    while (running < width && waiting.length > 0) {
      running += 1
      waiting.shift()?.begin()
    }
    if (running + waiting.length < room || closedBy) for (const tell of [...roomSeekers]) tell()
  }

  return {
    get pending() {
      return running + waiting.length
    },
    whenRoom: (signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (running + waiting.length < room || closedBy) return resolve()
        const settle = () => {
          roomSeekers.delete(settle)
          signal?.removeEventListener('abort', settle)
          if (signal?.aborted) reject(signal.reason)
          else resolve()
        }
        roomSeekers.add(settle)
        signal?.addEventListener('abort', settle)
      }),
    run: <Result>(work: () => Promise<Result>, signal?: AbortSignal) =>
      new Promise<Result>((resolve, reject) => {
        if (closedBy) throw closedBy
        signal?.throwIfAborted()
        const entry: Waiting = {
          begin: () => {
            // Its place is free before anybody hears of the result, so that who then asks is told the truth.
            void (async () => work())()
              .finally(() => {
                signal?.removeEventListener('abort', giveUp)
                running -= 1
                beginNext()
              })
              .then(resolve, reject)
          },
          fail: (reason) => {
            signal?.removeEventListener('abort', giveUp)
            reject(reason)
          },
        }
        const giveUp = () => {
          const at = waiting.indexOf(entry)
          if (at >= 0) waiting.splice(at, 1)
          entry.fail(signal?.reason)
          beginNext()
        }
        signal?.addEventListener('abort', giveUp)
        waiting.push(entry)
        beginNext()
      }),
    close: (reason) => {
      closedBy = reason
      for (const entry of waiting.splice(0)) entry.fail(reason)
      beginNext()
    },
  }
}
