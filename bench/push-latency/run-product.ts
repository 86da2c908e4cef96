import { buildApp, startWorker } from '../../src/app.ts'
import { Resources } from '../../src/base/resources.ts'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { WIDE_RATES } from './rates.ts'

// `web` or `worker` of the product, as each runs in production, or, with `start`, both in one process; but for the quota of the pretend Google.

const [what = '', databaseUrl = ''] = process.argv.slice(2)
const resources = new Resources()
const { config, secrets } = loadConfig(process.env, process.env.DATA_DIR)
const app = resources.use(
  await buildApp({
    ...{ config, secrets, databaseUrl, migrate: false, runsJobs: what !== 'web' },
    log: createLogger({ level: 'error' }),
    callRates: WIDE_RATES,
  }),
)
const web = what === 'worker' ? undefined : resources.use(await serveWeb(app))
if (what !== 'web') {
  const work = await startWorker(app)
  resources.defer(() => work.drain(5_000))
}
process.send?.({ port: web?.port ?? 0 })
process.on('disconnect', () => {
  void resources[Symbol.asyncDispose]().finally(() => process.exit())
})
