import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type App, type AppOptions, buildApp } from '../../src/app.ts'
import { Resources } from '../../src/base/resources.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { createTestDatabase } from './database.ts'
import { createLogCapture, type LogCapture } from './log-capture.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'

export interface TestApp extends AsyncDisposable {
  app: App
  clock: ManualClock
  dataDir: string
  logs: LogCapture
  databaseUrl: string
}

export interface TestAppOptions extends Partial<AppOptions> {
  now?: Date | string
  env?: Record<string, string>
}

/** The whole product on a fresh database and folder, with a clock that stands still; started parts are up to the test. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const resources = new Resources()
  const database = resources.use(await createTestDatabase())
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-app-'))
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const clock = createManualClock(options.now ?? '2026-11-23T08:00:00Z')
  const logs = createLogCapture()
  const { config, secrets } = loadConfig({ DATA_DIR: dataDir, TIME_ZONE: 'Europe/Vienna', ...options.env }, dataDir)
  const { now: _, env: __, ...overrides } = options
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: database.url,
      migrate: false,
      runsJobs: false,
      clock,
      log: createLogger({ level: 'debug', destination: logs }),
      ...overrides,
    }),
  )
  return {
    app,
    clock,
    dataDir,
    logs,
    databaseUrl: overrides.databaseUrl ?? database.url,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
