import { existsSync } from 'node:fs'
import path from 'node:path'
import { type App, buildApp, type SandboxSettings, startWorker } from '../../app.ts'
import { systemClock } from '../../base/clock.ts'
import { describeError } from '../../base/errors.ts'
import { Resources } from '../../base/resources.ts'
import { listJoinable } from '../../features/attendance/index.ts'
import { hasAnyCalendar } from '../../features/calendars/index.ts'
import { readAttendanceMode } from '../../features/meetings/index.ts'
import { type FoundBrowser, findBrowser } from '../../platform/browser/index.ts'
import { type Config, type LoadedConfig, loadConfigWith } from '../../platform/config/index.ts'
import { createEmptyDatabase, type EmbeddedDatabase, openEmbeddedDatabase } from '../../platform/db/embedded/index.ts'
import { migrateToLatest, openDatabase } from '../../platform/db/index.ts'
import { randomToken } from '../../platform/secrets/index.ts'
import { createSignInLink, hasAnySession } from '../../platform/sessions/index.ts'
import { drainAttendance } from '../worker/drain-attendance.ts'
import { startAttendance } from '../worker/start-attendance.ts'
import type { Command, Output } from './command.ts'
import { connectConfiguredCalendars } from './configured-calendars.ts'
import { keepSandboxOrigin, loadSettings, sandboxDir } from './open-installation.ts'
import { applyOwnRules } from './rules-file.ts'
import { DRAIN_MS, untilStopped } from './run-until-stopped.ts'
import { serveMetrics } from './serve-metrics.ts'
import { serveWeb } from './serve-web.ts'
import { localOrigin, signInUrl } from './sign-in-link.ts'

export const startCommand: Command = {
  name: 'start',
  summary: 'Starts everything in one process: database, pages and worker.',
  usage: '[--sandbox]',
  help: `  With nothing configured and no calendar ever connected, the sandbox starts: a pretend organisation to look around in,
  in a database and folder of its own. --sandbox starts it all the same.`,
  options: { sandbox: { type: 'boolean' } },
  async run(input, output) {
    const stopped = untilStopped()
    const loaded = loadSettings(output)
    await using resources = new Resources()
    const isSandbox = input.options.sandbox === true || (await isNothingConnected(loaded, output))
    const { app, sandboxOrigin } = isSandbox
      ? await startSandboxApp(loaded, resources, output)
      : { app: await startRealApp(loaded, resources, output) }
    resources.use(await serveMetrics(app))
    const server = resources.use(await serveWeb(app))
    const work = await startWorker(app)
    const attendance = resources.use(await startAttendance(app))
    for (const line of await welcome(app, server.port, sandboxOrigin)) output.print(line)
    const request = await stopped
    app.log.debug('Stopping when running jobs are done', { signal: request.signal })
    // There is nobody else, and the next start goes on with the meetings: nothing is gained by waiting.
    await Promise.all([work.drain(DRAIN_MS), drainAttendance(attendance, request, app.config.drainMaxMs ?? 0)])
    return 0
  },
}

/** Whether this installation has never had a calendar and is not set up to get one. */
async function isNothingConnected({ config }: LoadedConfig, output: Output): Promise<boolean> {
  if (config.hasProvider || config.database.kind === 'external') return false
  const isNew = ['postgres', 'postgres.location'].every((name) => !existsSync(path.join(config.dataDir, name)))
  if (isNew) return true
  await using server = await openEmbedded(config.dataDir, output)
  const db = await openDatabase({ url: server.url, maxConnections: 1 })
  try {
    await migrateToLatest(db)
    return !(await hasAnyCalendar(db))
  } finally {
    await db.destroy()
  }
}

async function startRealApp(loaded: LoadedConfig, resources: Resources, output: Output): Promise<App> {
  const { config, secrets } = loaded
  const databaseUrl = secrets.databaseUrl ?? resources.use(await openEmbedded(config.dataDir, output)).url
  const app = resources.use(await buildApp({ config, secrets, databaseUrl, migrate: true, runsJobs: true }))
  await applyOwnRules(app)
  await connectConfiguredCalendars(app)
  return app
}

/** The pretend organisation, anew at each start, so that its meetings always begin soon. It is connected by settings, as a real one is. */
async function startSandboxApp({ config: own }: LoadedConfig, resources: Resources, output: Output) {
  const dataDir = sandboxDir(own.dataDir)
  const server = resources.use(await openEmbedded(dataDir, output))
  const { startSandbox } = await import('../../../sandbox/start-sandbox.ts')
  const { playStandUp } = await import('../../../sandbox/scenes.ts')
  const organisation = resources.use(await startSandbox({ clock: systemClock }))
  const { siteUrl } = own.server
  const here = localOrigins(own.server)
  const origins = siteUrl ? [...here, siteUrl.origin] : here
  const { config, secrets } = loadConfigWith({
    ...organisation.letIn({ origins, noticesAt: here[0] }),
    // Nobody of a real organisation, whatever else is set.
    PILOT_USERS: '',
  })
  const browser = await findSandboxBrowser(config, output)
  keepSandboxOrigin(config.dataDir, organisation.origin)
  const sandbox: SandboxSettings = { origin: organisation.origin, dataDir, key: randomToken() }
  const app = resources.use(
    await buildApp({
      config: { ...config, database: { kind: 'embedded' } },
      secrets: { ...secrets, databaseUrl: undefined },
      databaseUrl: await createEmptyDatabase(server.url, 'rapporteur'),
      migrate: true,
      runsJobs: true,
      sandbox,
      // Without a browser nobody can join, and the plan says so.
      runnerOf: (platform) => (platform === 'sandbox' && browser ? 'browser' : undefined),
    }),
  )
  await connectConfiguredCalendars(app)
  if (browser) {
    const scene = resources.use(playStandUp(organisation, { clock: systemClock, program: browser }))
    scene.begun.catch((error) => app.log.warn('The pretend people could not come', { error }))
  }
  return { app, sandboxOrigin: organisation.origin }
}

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::']

/** Where programs and browsers of this machine reach the pages; none where that is not known before they are served. */
function localOrigins({ host, port }: Config['server']): string[] {
  if (port === 0 || !LOOPBACK_HOSTS.includes(host)) return []
  return [...new Set([localOrigin(host, port), `http://localhost:${port}`])]
}

/** The browser that attends the sandbox's rooms and plays its people; undefined, and said, where there is none. */
async function findSandboxBrowser(config: Config, output: Output): Promise<FoundBrowser | undefined> {
  try {
    return await findBrowser({ configuredPath: config.chromiumPath, dataDir: config.dataDir })
  } catch (error) {
    output.note(describeError(error))
    return undefined
  }
}

function openEmbedded(dataDir: string, output: Output): Promise<EmbeddedDatabase> {
  return openEmbeddedDatabase({
    dataDir,
    purpose: 'start',
    commandName: 'rapporteur start',
    log: output.note,
    onFailure: (failure) => {
      output.note(failure.message)
      process.kill(process.pid, 'SIGTERM')
    },
  })
}

/** Which meetings can be joined, and whether they are. */
async function tellOfBots(app: App): Promise<string> {
  const { yes, no } = listJoinable(app.runnerOf)
  if (yes.length === 0)
    return 'No platform can be joined yet: everything is planned and shown, with reasons. ATTENDEE_API_URL connects an Attendee server.'
  const mode = await readAttendanceMode(app.db)
  const missing = no.length > 0 ? `, ${no.join(', ')} not yet` : ''
  const observing = 'Attendance is off, `npx rapporteur attendance on` switches it on.'
  return `${yes.join(', ')} can be joined${missing}. ${mode === 'on' ? 'Attendance is on.' : observing}`
}

/** The address that lets a newcomer in: the sandbox's, which works as often as it is opened, or one that signs in once. */
async function addressToOpen(app: App, origin: string): Promise<string> {
  if (app.sandboxKey !== undefined) return `${origin}/dashboard/sandbox/?key=${app.sandboxKey}`
  if (await hasAnySession(app.db)) return `${origin}/dashboard/`
  const token = await createSignInLink(app.db, app.clock, { email: null, isAdmin: true })
  return `${signInUrl(origin, token)}  (signs you in; valid for 15 minutes)`
}

/** What a person needs to know, in five lines. */
async function welcome(app: App, port: number, sandboxOrigin = ''): Promise<string[]> {
  const { server, dataDir } = app.config
  const origin = server.siteUrl?.origin ?? localOrigin(server.host, port)
  const add = 'npx rapporteur calendar add ics FILE-OR-URL --owner you@example.com'
  return [
    `Open     ${await addressToOpen(app, origin)}`,
    `Data     ${app.isSandbox ? sandboxDir(dataDir) : dataDir}${app.config.database.kind === 'external' ? ' (the database: DATABASE_URL)' : ''}`,
    app.isSandbox
      ? `Sandbox  A pretend organisation; its calendars can be changed at ${sandboxOrigin}/. It goes away once you connect one.`
      : `Bots     ${await tellOfBots(app)}`,
    `Connect  ${add}${app.isSandbox ? '  then start again' : ''}`,
    'Stop     Ctrl-C',
  ]
}
