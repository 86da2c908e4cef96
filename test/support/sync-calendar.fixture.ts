// A process of its own that syncs one calendar once, so that a test can bound its heap.
import { buildApp } from '../../src/app.ts'
import { syncCalendar } from '../../src/features/calendars/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'

const { settings, databaseUrl, dataDir, calendarId, now } = JSON.parse(process.env.SYNC ?? '{}')
const { config, secrets } = loadConfig({ DATA_DIR: dataDir, ...settings }, dataDir)
const log = createLogger({ level: 'error' })
// Budgets fill with time.
const begun = performance.now()
const clock = { now: () => new Date(Date.parse(now) + performance.now() - begun) }
await using app = await buildApp({ config, secrets, databaseUrl, migrate: false, runsJobs: false, clock, log })
const result = await syncCalendar(app.sync, { calendarId })
console.log(JSON.stringify(result))
