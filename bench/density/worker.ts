import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Stage } from './stage.ts'

/** What a worker's process is told. */
export interface WorkerSettings {
  dataDir: string
  databaseUrl: string
  sandboxOrigin: string
  environment: Record<string, string>
}

export interface BenchWorker extends AsyncDisposable {
  readonly pid: number
}

/** Starts a worker that attends the sandbox's rooms, with these settings besides the stage's. Disposing of it waits until it is gone. */
export async function startBenchWorker(stage: Stage, environment: Record<string, string>): Promise<BenchWorker> {
  const settings: WorkerSettings = {
    dataDir: stage.dataDir,
    databaseUrl: stage.databaseUrl,
    sandboxOrigin: stage.sandbox.origin,
    environment: { ...stage.environment, ...environment },
  }
  const script = fileURLToPath(new URL('worker-process.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(settings)], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  await untilReady(child)
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('The worker ended before it was ready. Is the program built? Run `npm run build`.')
  })
  ended.catch(() => {})
  await Promise.race([once(child, 'message', { signal }), ended])
  over.abort()
}
