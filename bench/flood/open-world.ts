import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type App, buildApp } from '../../src/app.ts'
import { concurrently } from '../../src/base/concurrently.ts'
import { Resources } from '../../src/base/resources.ts'
import { connectByAddress, syncCalendar, syncCalendarJob } from '../../src/features/calendars/index.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { sendJobsNow } from '../../src/platform/jobs/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { event, icsFeedOf, room, startAt } from './hostile-feeds.ts'

const PEOPLE = 200
const OTHER_EVENTS = 20

/** An organisation whose calendars are files, and the product beside it in one process, as `start` runs it. */
export interface FloodWorld extends AsyncDisposable {
  app: App
  origin: string
  /** Of an administrator. */
  session: string
  people: readonly string[]
  /** Signs links to transcripts. */
  tokenSecret: string
  /** Connects a calendar that says this; answers how to make it say something else, and be read. */
  connect(owner: string, text: string): Promise<(text: string) => Promise<void>>
  /** Moves a person's meeting by so many minutes, and asks for the sync that a notice would. */
  move(owner: string, minutes: number): Promise<void>
}

export const LIVE_TITLE = 'The meeting that many follow'

/** The title of the one meeting of a person that is moved about. */
export function titleOf(owner: string): string {
  return `Meeting of ${owner}`
}

export async function openFloodWorld(note: (line: string) => void): Promise<FloodWorld> {
  const resources = new Resources()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const database = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const tokenSecret = 'the transcripts of this bench'
  const environment = {
    ...{ DATA_DIR: dataDir, TIME_ZONE: 'UTC', PORT: '0', ORG_DOMAINS: 'example.com' },
    ...{ CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c', TRANSCRIPT_TOKEN_SECRET: tokenSecret },
  }
  const { config, secrets } = loadConfig(environment, dataDir)
  const log = createLogger({ level: 'error' })
  const app = resources.use(
    await buildApp({ config, secrets, databaseUrl: database.url, migrate: true, runsJobs: false, log }),
  )
  const fileOf = (owner: string) => path.join(dataDir, `${owner}.ics`)
  const idOf = new Map<string, string>()
  const readSoon = (owner: string) => {
    const calendarId = idOf.get(owner) ?? ''
    return sendJobsNow(app.queue, [{ job: syncCalendarJob, payload: { calendarId }, key: calendarId }])
  }
  const connect = async (owner: string, text: string) => {
    await writeFile(fileOf(owner), text)
    idOf.set(owner, (await connectByAddress(app, { provider: 'ics', address: fileOf(owner), owner })).id)
    return async (next: string) => {
      await writeFile(fileOf(owner), next)
      await readSoon(owner)
    }
  }
  const people = Array.from({ length: PEOPLE }, (_, n) => `person${n}@example.com`)
  note(`  reading ${PEOPLE} calendars`)
  const calendarOf = (owner: string, movedBy: number) =>
    icsFeedOf([...eventsOf(owner, movedBy), ...(owner === people[0] ? [liveMeeting(people)] : [])])
  await concurrently(people, 4, async (owner) => {
    await connect(owner, calendarOf(owner, 0))
    const { problem } = await syncCalendar(app.sync, { calendarId: idOf.get(owner) ?? '' })
    if (problem) throw problem
  })
  const session = await redeemSignInLink(
    app.db,
    app.clock,
    await createSignInLink(app.db, app.clock, { email: 'admin@example.com', isAdmin: true }),
  )
  if (typeof session === 'string') throw new Error('Nobody is signed in')
  const port = await startProduct(resources, database.url, environment)
  return {
    ...{ app, session: session.token, people, tokenSecret, connect },
    origin: `http://127.0.0.1:${port}`,
    async move(owner, minutes) {
      await writeFile(fileOf(owner), calendarOf(owner, minutes))
      await readSoon(owner)
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

/** A colleague's room is everybody's own, so that nobody's plan waits for another's. */
function eventsOf(owner: string, movedBy: number): string[] {
  const name = owner.replace(/\W/g, '-')
  const people = [`ORGANIZER:mailto:${owner}`, `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${owner}`]
  return [
    event(`moved-${name}`, `SUMMARY:${titleOf(owner)}`, startAt(movedBy), room(name), ...people),
    ...Array.from({ length: OTHER_EVENTS }, (_, n) =>
      event(`${n}-${name}`, `SUMMARY:Other ${n}`, startAt(600 + n * 60), room(`${name}-${n}`), ...people),
    ),
  ]
}

/** Everybody is invited to it. */
function liveMeeting(people: readonly string[]): string {
  const invited = people.map((email) => `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${email}`)
  return event('live', `SUMMARY:${LIVE_TITLE}`, startAt(0), room('live'), `ORGANIZER:mailto:${people[0]}`, ...invited)
}

async function startProduct(
  resources: Resources,
  databaseUrl: string,
  environment: Record<string, string>,
): Promise<number> {
  const script = fileURLToPath(new URL('../push-latency/run-product.ts', import.meta.url))
  const child = fork(script, ['start', databaseUrl], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH ?? '', ...environment },
  })
  resources.defer(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  })
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`The product ended with status ${status}`)
  })
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }]
  ended.catch(() => {})
  return port
}
