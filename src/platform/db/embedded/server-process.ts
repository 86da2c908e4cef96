import { setTimeout as sleep } from 'node:timers/promises'
import { isProcessAlive, type ProcessIdentity } from './process-identity.ts'

/** A server that runs, whether we started it or found it. */
export interface RunningServer {
  /** With its start, so that we never signal somebody who got its number later. */
  identity: ProcessIdentity
  port: number
  /** Settles with how it ended, in words, when the process is gone. Does not keep our process alive. */
  exited: Promise<string>
}

const WATCH_MS = 250

/** Watches a process that is not our child, for which nobody tells us when it ends. */
export function watchServer(identity: ProcessIdentity, port: number): RunningServer {
  const exited = new Promise<string>((resolve) => {
    const timer = setInterval(async () => {
      if (await isProcessAlive(identity)) return
      clearInterval(timer)
      resolve('it is gone')
    }, WATCH_MS)
    timer.unref()
  })
  return { identity, port, exited }
}

/** Fast shutdown (clients are cut off, everything is written), then harder if it takes too long. Ends when the process is gone. */
export async function stopServer(identity: ProcessIdentity, fastMs = 20_000): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', fastMs],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!(await isProcessAlive(identity))) return
    try {
      process.kill(identity.pid, signal)
    } catch {
      return
    }
    const until = performance.now() + waitMs
    while (performance.now() < until) {
      if (!(await isProcessAlive(identity))) return
      await sleep(15)
    }
  }
}
