import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { descendantsOf, isRunning } from './processes.ts'

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
  /** All processes below it as they are now. */
  family(): number[]
  signal(name: NodeJS.Signals): void
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
  await once(child, 'message')
  const pid = child.pid ?? 0
  return {
    pid,
    child,
    temporary,
    family: () => descendantsOf(pid),
    hosts: () => descendantsOf(pid).filter((one) => commandLineOf(one).includes('bot-process')),
    signal: (name) => void child.kill(name),
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
      for (const one of all.slice(1)) if (isRunning(one)) process.kill(one, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
