import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endChild, hear } from '../patience.ts'
import type { Stage } from './stage.ts'

/** What a worker's process is told. */
export interface WorkerSettings {
  dataDir: string
  databaseUrl: string
  sandboxOrigin: string
  environment: Record<string, string>
}

interface BenchWorker extends AsyncDisposable {
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
  await hear(child, 'a worker of the built program is ready (is it built? `npm run build`)')
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: () => endChild(child, 'the end of the worker, with all its bots'),
  }
}
