import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type App, buildApp } from '../src/app.ts'
import { Resources } from '../src/base/resources.ts'
import type { RunnerName } from '../src/features/bots/index.ts'
import { loadConfig } from '../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../src/platform/db/embedded/index.ts'
import { createLogger } from '../src/platform/observe/index.ts'
import { planMeetings } from '../test/support/planned-meetings.ts'
import { workerSecrets } from '../test/support/worker-process.ts'
import { putRulesInForce } from './rules.ts'

const ORIGIN = 'http://127.0.0.1:9'
const BATCH = 500

export const roomName = (runner: RunnerName, n: number) => `bench-${runner}-${n}`

/** An installation with rules in force and a database of its own, whose meetings are planned and whose workers are other processes. */
export interface BenchMeetings extends AsyncDisposable {
  app: App
  databaseUrl: string
  /** Plans meetings that begin at an instant, each in a room of its own (`roomName`), with their bots of one runner and jobs. */
  plan(count: number, startsAt: Date, options: { runner: RunnerName; origin?: string }): Promise<void>
}

export async function createBenchMeetings(): Promise<BenchMeetings> {
  await using resources = new Resources()
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-bench-'))
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const { config, secrets } = loadConfig({ DATA_DIR: dataDir, DATABASE_URL: server.url, ...workerSecrets }, dataDir)
  let planned: RunnerName = 'browser'
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: server.url,
      migrate: true,
      runsJobs: false,
      sandbox: { origin: ORIGIN, dataDir },
      runnerOf: () => planned,
      log: createLogger({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
    }),
  )
  await putRulesInForce(app)
  const owned = resources.move()
  return {
    app,
    databaseUrl: server.url,
    async plan(count, startsAt, { runner, origin = ORIGIN }) {
      planned = runner
      for (let done = 0; done < count; done += BATCH) {
        const urls = Array.from(
          { length: Math.min(BATCH, count - done) },
          (_, i) => `${origin}/rooms/${roomName(runner, done + i)}`,
        )
        const endsAt = new Date(startsAt.getTime() + 3_600_000)
        await planMeetings(
          app,
          urls.map((url) => ({ url, startsAt, endsAt })),
        )
      }
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}
