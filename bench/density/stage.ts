import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { type App, buildApp } from '../../src/app.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { defaultModelDir, verifyModel } from '../../src/features/transcripts/index.ts'
import { findBrowser } from '../../src/platform/browser/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'

/** What all scenes share: rooms, a database, and the product as the one who sends bots and reads what became of it. */
export interface Stage extends AsyncDisposable {
  app: App
  sandbox: Sandbox
  /** For the workers: the settings by their names. */
  environment: Record<string, string>
  databaseUrl: string
  dataDir: string
}

export async function openStage(): Promise<Stage> {
  // Without it no text would ever come.
  const problems = await verifyModel(defaultModelDir)
  if (problems.length > 0) throw new Error(problems.join(' '))
  await using resources = new Resources()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  // As root the server and the browser run as other users, who have to pass through.
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const { CHROMIUM_PATH } = process.env
  const environment = { DATA_DIR: dataDir, TIME_ZONE: 'UTC', ...(CHROMIUM_PATH ? { CHROMIUM_PATH } : {}) }
  const { config, secrets } = loadConfig(environment, dataDir)
  // Ahead of everything: unpacking the packaged browser is no bot's cost.
  await findBrowser({ configuredPath: config.chromiumPath, dataDir })
  const { url: databaseUrl } = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl,
      migrate: true,
      runsJobs: false,
      sandbox: { origin: sandbox.origin, dataDir },
      runnerOf: () => 'browser',
      log: createLogger({ level: 'error' }),
    }),
  )
  const owned = resources.move()
  return { app, sandbox, environment, databaseUrl, dataDir, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() }
}
