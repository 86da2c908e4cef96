import type { Logger } from '../../platform/observe/index.ts'

/** Work that is done in rounds: never twice at once, and once more after it where it was asked for meanwhile. */
export interface Round {
  run(): void
  /** Resolves when no round is running. */
  settled(): Promise<void>
}

/** What fails is tried at the next round; said when it begins to fail and when it works again, not each time. */
export function createRound(name: string, work: () => Promise<void>, log: Logger): Round {
  let running: Promise<void> | undefined
  let isAskedFor = false
  let isFailing = false

  async function takeRounds(): Promise<void> {
    do {
      isAskedFor = false
      try {
        await work()
        if (isFailing) log.info('A round of attendance works again', { round: name })
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn('A round of attendance failed', { round: name, error })
        isFailing = true
      }
    } while (isAskedFor && !isFailing)
    running = undefined
  }

  return {
    run() {
      if (running !== undefined) isAskedFor = true
      else running = takeRounds()
    },
    settled: async () => running,
  }
}
