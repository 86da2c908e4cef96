import type { Logger } from '../../platform/observe/index.ts'

/** Work that is done in turns: never twice at once, and once more after it where it was asked for meanwhile. */
export interface Turn {
  run(): void
  /** Resolves when no turn is running. */
  settled(): Promise<void>
}

/** What fails is tried at the next turn; said when it begins to fail and when it works again, not each time. */
export function createTurn(name: string, work: () => Promise<void>, log: Logger): Turn {
  let running: Promise<void> | undefined
  let isAskedFor = false
  let isFailing = false

  async function takeTurns(): Promise<void> {
    do {
      isAskedFor = false
      try {
        await work()
        if (isFailing) log.info('A turn of attendance works again', { turn: name })
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn('A turn of attendance failed', { turn: name, error })
        isFailing = true
      }
    } while (isAskedFor && !isFailing)
    running = undefined
  }

  return {
    run() {
      if (running !== undefined) isAskedFor = true
      else running = takeTurns()
    },
    settled: async () => running,
  }
}
