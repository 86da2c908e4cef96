// One worker of the built program in a process of its own, so that what it uses can be counted apart. The built one, since a process that
// reads TypeScript is larger than one that does not.
import type { WorkerSettings } from './worker.ts'

const built = <Module>(file: string) =>
  import(new URL(`../../dist/src/${file}.js`, import.meta.url).href) as Promise<Module>

const { buildApp, startWorker } = await built<typeof import('../../src/app.ts')>('app')
const { startAttendance } = await built<typeof import('../../src/entrypoints/worker/start-attendance.ts')>(
  'entrypoints/worker/start-attendance',
)
const { defaultLimits } = await built<typeof import('../../src/features/bots/index.ts')>('features/bots/index')
const { loadConfig } = await built<typeof import('../../src/platform/config/index.ts')>('platform/config/index')

const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '')
const { dataDir, databaseUrl, sandboxOrigin, environment } = settings
const { config, secrets } = loadConfig(environment, dataDir)
const app = await buildApp({
  config,
  secrets,
  databaseUrl,
  migrate: false,
  runsJobs: true,
  sandbox: { origin: sandboxOrigin, dataDir },
  runnerOf: () => 'browser',
})
const work = await startWorker(app)
const attendance = await startAttendance(app, { limits: { ...defaultLimits, aloneMs: 2_000 } })
process.send?.('ready')

process.on('disconnect', async () => {
  await attendance[Symbol.asyncDispose]()
  await work.drain(10_000)
  await app[Symbol.asyncDispose]()
  process.exit(0)
})
