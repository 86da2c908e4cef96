import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { greetServer } from './connection.ts'
import { isServerOf, readPostmasterFile } from './postmaster-file.ts'
import { identifyProcess } from './process-identity.ts'
import { type RunningServer, stopServer, watchServer } from './server-process.ts'

const ANSWER_MS = 10_000

/**
 * Deals with a server that outlived the process it belonged to: taken over if it answers to our password and is of our version,
 * stopped otherwise. Undefined: none runs (any more), and one can be started.
 */
export async function adoptServer(
  cluster: string,
  password: string | undefined,
  binaries: Pick<Binaries, 'packageVersion'>,
  log: (line: string) => void,
): Promise<RunningServer | undefined> {
  const recorded = await readPostmasterFile(cluster)
  if (!recorded) return undefined
  const { pid } = recorded
  const identity = await identifyProcess(pid)
  if (!(await isServerOf(pid, cluster))) return undefined
  if (password !== undefined) {
    const answer = await waitForAnswer(cluster, pid, password)
    // A minor update replaces the libraries that a running server still loads as it needs them.
    if (answer && binaries.packageVersion.startsWith(`${answer.version}.`)) {
      log(`Took over the database server that an earlier run left behind (process ${pid}).`)
      return watchServer(identity, answer.port)
    }
  }
  await stopServer(identity, 10_000)
  log(`Stopped a database server that an earlier run left behind (process ${pid}).`)
  return undefined
}

async function waitForAnswer(
  cluster: string,
  pid: number,
  password: string,
): Promise<{ port: number; version: string } | undefined> {
  const until = performance.now() + ANSWER_MS
  while (performance.now() < until && (await isServerOf(pid, cluster))) {
    const port = (await readPostmasterFile(cluster))?.port
    try {
      if (port) return { port, version: await greetServer(port, password) }
    } catch (error) {
      // Not open yet, or still starting up or shutting down (57P03); anything else will not get better by waiting.
      const { code } = error as { code?: string }
      if (code !== 'ECONNREFUSED' && code !== '57P03') return undefined
    }
    await sleep(100)
  }
  return undefined
}
