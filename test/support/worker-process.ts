import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { childrenNamed, descendantsOf, signalProcess } from './processes.ts'

const fixture = fileURLToPath(new URL('attendance-worker.fixture.ts', import.meta.url))

export const workerSecrets = {
  CREDENTIALS_ENCRYPTION_KEY: 'a'.repeat(32),
  TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
}

/** A worker in a process and with folders of its own; killed, with all it started, when disposed of. */
export interface WorkerProcess extends AsyncDisposable {
  pid: number
  child: ChildProcess
  /** Everything temporary of it is below here. */
  temporary: string
  /** Its bot hosts as they are now. */
  hosts(): number[]
  /** The processes in which it turns speech into text. */
  speechProcesses(): number[]
  /** All processes below it as they are now. */
  family(): number[]
  signal(name: NodeJS.Signals): void
  /** Sets its clock by so much, and nobody else's. */
  setClock(aheadMs: number): void
  /** Has it look after all bots; answers how many it saw to. */
  supervise(): Promise<number>
  /** Hands every meeting over; resolves when its bots have left. */
  handOver(): Promise<void>
}

export async function startWorkerProcess(
  databaseUrl: string,
  env: Record<string, string | undefined> = {},
): Promise<WorkerProcess> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-worker-'))
  const temporary = mkdtempSync(path.join(folder, 'tmp-'))
  const child = fork(fixture, [], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      DATA_DIR: path.join(folder, 'data'),
      TMPDIR: temporary,
      LOG_LEVEL: 'error',
      BOTS_PER_HOST: '1',
      ...workerSecrets,
      ...env,
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The worker ended before it was ready: ${code ?? signal}`)
  })
  await Promise.race([once(child, 'message'), ended])
  const pid = child.pid ?? 0
  return {
    pid,
    child,
    temporary,
    family: () => descendantsOf(pid),
    hosts: () => childrenNamed(pid, 'bot-process'),
    speechProcesses: () => childrenNamed(pid, 'hearing-'),
    signal: (name) => void child.kill(name),
    setClock: (aheadMs) => void child.send({ aheadMs }),
    async supervise() {
      child.send('supervise')
      const [{ healed }] = (await once(child, 'message')) as [{ healed: number }]
      return healed
    },
    async handOver() {
      child.send('hand over')
      await once(child, 'message')
    },
    async [Symbol.asyncDispose]() {
      const all = [pid, ...descendantsOf(pid)]
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGCONT')
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      for (const one of all.slice(1)) signalProcess(one)
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
