import { type ChildProcess, fork } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { type SandboxGoogle, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { type App, buildApp } from '../../src/app.ts'
import { systemClock } from '../../src/base/clock.ts'
import { concurrently } from '../../src/base/concurrently.ts'
import { Resources } from '../../src/base/resources.ts'
import { DAY_MS } from '../../src/base/time.ts'
import { renewChannels, syncCalendar, syncPeople } from '../../src/features/calendars/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { endChild, hear, whileItMoves } from '../patience.ts'
import { WIDE_RATES } from './rates.ts'

/** The product as `web` and `worker` beside a pretend Google, with people whose calendars are read and watched. */
export interface PushWorld extends AsyncDisposable {
  app: App
  google: SandboxGoogle
  people: readonly string[]
  /** When everybody's one meeting that is moved about begins at first. */
  startsAt: Date
}

/** The id of the event in somebody's calendar that is moved about; its title is its owner's address. */
export function movedIdOf(email: string): string {
  return `moved${email.replace(/\D/g, '')}`
}
const OTHER_EVENTS = 5

export async function openPushWorld(size: number, note: (line: string) => void): Promise<PushWorld> {
  const resources = new Resources()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const database = await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} })
  resources.use(database)
  const startsAt = new Date(Math.ceil((Date.now() + DAY_MS) / DAY_MS) * DAY_MS + DAY_MS / 3)
  const people = Array.from({ length: size }, (_, n) => `person${n}@example.com`)
  const google = resources.use(
    await startSandboxGoogle({
      clock: systemClock,
      people: people.map((email) => ({ email })),
      seed: (email) => eventsOf(email, startsAt),
    }),
  )
  const environment = {
    ...{ DATA_DIR: dataDir, TIME_ZONE: 'UTC', PORT: '0', PILOT_USERS: people.join(',') },
    ...{
      CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
      TRANSCRIPT_TOKEN_SECRET: 'a secret of this bench',
    },
    ...google.environment,
  }
  const { config, secrets } = loadConfig(environment, dataDir)
  const log = createLogger({ level: 'error' })
  const app = resources.use(
    await buildApp({
      ...{ config, secrets, databaseUrl: database.url, migrate: true, runsJobs: false, log, callRates: WIDE_RATES },
    }),
  )
  const start = async (what: 'web' | 'worker', more: Record<string, string> = {}) => {
    const child = startProduct(what, database.url, { ...environment, ...more })
    resources.defer(() => endChild(child, `the end of the ${what}`))
    const { port } = await hear<{ port: number }>(child, `the ${what} is ready`)
    return port
  }
  const port = await start('web')
  note(`  reading ${size} calendars`)
  await readAll(app)
  note(`  opening ${size} channels`)
  const address = `http://127.0.0.1:${port}/dashboard/webhook/google-calendar/`
  await openAll(app, address)
  await google.push.settled()
  await start('worker', { GOOGLE_CALENDAR_WEBHOOK_URL: address })
  note('  letting what the set-up asked for be done')
  await untilIdle(app)
  return { app, google, people, startsAt, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() }
}

function eventsOf(email: string, startsAt: Date) {
  const room = `https://meet.jit.si/${email.replace(/\W/g, '-')}`
  const others = Array.from({ length: OTHER_EVENTS }, (_, n) => ({
    id: `${movedIdOf(email)}o${n}`,
    summary: `Event ${n}`,
    location: `${room}-${n}`,
    ...timed(new Date(startsAt.getTime() + (n + 1) * DAY_MS), 30, 'UTC'),
  }))
  return [{ id: movedIdOf(email), summary: email, location: room, ...timed(startsAt, 30, 'UTC') }, ...others]
}

async function readAll(app: App): Promise<void> {
  await syncPeople(app.people)
  const calendars = await app.db.selectFrom('calendar').select('id').execute()
  await concurrently(calendars, 8, async ({ id }) => {
    const { problem } = await syncCalendar(app.sync, { calendarId: id })
    if (problem) throw problem
  })
}

async function openAll(app: App, address: string): Promise<void> {
  for (;;) {
    const { opened, failed, problem } = await renewChannels({ ...app.channels, addressOf: () => address })
    if (failed > 0 || problem !== undefined) throw new Error(`Channels could not be opened: ${problem ?? failed}`)
    if (opened === 0) return
  }
}

/** Every new channel says that it is there, and each calendar is read for that once more. */
async function untilIdle({ db }: App): Promise<void> {
  await whileItMoves(async () => {
    const { rows } = await sql<{ left: string }>`
      select count(*)::text as left from rapporteur_jobs.job where name = any(${['sync-calendar', 'look-again']}::text[]) and state <= 'active'`.execute(
      db,
    )
    const left = rows[0]?.left ?? '0'
    return { isOver: left === '0', told: `${left} calendars are still to be read` }
  })
}

function startProduct(what: string, databaseUrl: string, environment: Record<string, string>): ChildProcess {
  const script = fileURLToPath(new URL('./run-product.ts', import.meta.url))
  return fork(script, [what, databaseUrl], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
}
