import { buildApp, startWorker } from '../../app.ts'
import { Resources } from '../../base/resources.ts'
import { drainAttendance } from '../worker/drain-attendance.ts'
import { startAttendance } from '../worker/start-attendance.ts'
import type { Command } from './command.ts'
import { connectConfiguredCalendars } from './configured-calendars.ts'
import { loadSettings, requireDatabaseUrl } from './open-installation.ts'
import { applyOwnRules } from './rules-file.ts'
import { DRAIN_MS, untilStopped } from './run-until-stopped.ts'
import { serveMetrics } from './serve-metrics.ts'

export const workerCommand: Command = {
  name: 'worker',
  summary: 'Does the work only. Needs DATABASE_URL; several may share one.',
  usage: '',
  async run(_input, output) {
    const stopped = untilStopped()
    const loaded = loadSettings(output)
    const databaseUrl = requireDatabaseUrl(loaded, 'worker')
    await using resources = new Resources()
    const app = resources.use(await buildApp({ ...loaded, databaseUrl, migrate: false, runsJobs: true }))
    resources.use(await serveMetrics(app))
    await applyOwnRules(app)
    await connectConfiguredCalendars(app)
    const work = await startWorker(app)
    const attendance = resources.use(await startAttendance(app))
    app.log.info('The worker runs')
    const request = await stopped
    app.log.info('Stopping when running jobs and meetings are done', { signal: request.signal })
    await Promise.all([
      work.drain(DRAIN_MS),
      // No meeting is attended for longer.
      drainAttendance(attendance, request, app.config.drainMaxMs ?? app.config.bots.limits.stayMs),
    ])
    return 0
  },
}
