/** Lets others wait until something holds, asked anew at each change. */
export interface Changes {
  happened(): void
  /** Resolves as soon as it holds, at once if it does already. Rejects when the signal aborts. */
  until(holds: () => boolean, signal?: AbortSignal): Promise<void>
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>()
  return {
    happened() {
      for (const check of waiting) check()
    },
    until(holds, signal) {
      if (holds()) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(check)
          signal?.removeEventListener('abort', giveUp)
        }
        const check = () => {
          if (!holds()) return
          stop()
          resolve()
        }
        const giveUp = () => {
          stop()
          reject(signal?.reason)
        }
        if (signal?.aborted) return giveUp()
        signal?.addEventListener('abort', giveUp)
        waiting.add(check)
      })
    },
  }
}
