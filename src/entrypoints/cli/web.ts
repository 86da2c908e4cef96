import { buildApp } from '../../app.ts'
import { Resources } from '../../base/resources.ts'
import type { Command } from './command.ts'
import { loadSettings, requireDatabaseUrl } from './open-installation.ts'
import { untilStopped } from './run-until-stopped.ts'
import { serveMetrics } from './serve-metrics.ts'
import { serveWeb } from './serve-web.ts'

export const webCommand: Command = {
  name: 'web',
  summary: 'Serves the pages only. Needs DATABASE_URL; run `worker` beside it.',
  usage: '',
  async run(_input, output) {
    const stopped = untilStopped()
    const loaded = loadSettings(output)
    const databaseUrl = requireDatabaseUrl(loaded, 'web')
    await using resources = new Resources()
    const app = resources.use(await buildApp({ ...loaded, databaseUrl, migrate: false, runsJobs: false }))
    resources.use(await serveMetrics(app))
    const server = resources.use(await serveWeb(app))
    app.log.info('The web server listens', { host: app.config.server.host, port: server.port })
    app.log.info('Stopping', { signal: (await stopped).signal })
    return 0
  },
}
