import { fork } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type App, type AppOptions, buildApp } from '../../src/app.ts'
import { newId } from '../../src/base/ids.ts'
import { Resources } from '../../src/base/resources.ts'
import { loadConfig } from '../../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { createLogger } from '../../src/platform/observe/index.ts'
import { hear, untilDone } from '../patience.ts'
import type { ChangeMade, GoogleOrder, UsageSoFar } from './orders.ts'

/** The product on a database of its own, and a pretend Google in a process of its own. */
export interface BenchGoogle extends AsyncDisposable {
  app: App
  people: readonly string[]
  usage(): Promise<UsageSoFar>
  resetUsage(): Promise<void>
  /** Makes one random change in one calendar. */
  change(): Promise<ChangeMade>
  /** Stores the people's calendars as connected and due; answers their ids by address. */
  connect(): Promise<Map<string, string>>
}

interface BenchGoogleOptions extends Partial<AppOptions> {
  people: number
  /** In each calendar: single events, and weekly series with four occurrences in the window. */
  singles: number
  series: number
  /** Whether everybody in the directory is to be connected, by the worker; else only whom `connect` stores. */
  isWholeDomain?: boolean
}

export async function openBenchGoogle(options: BenchGoogleOptions): Promise<BenchGoogle> {
  const { people, singles, series, isWholeDomain = false, ...appOptions } = options
  const resources = new Resources()
  const script = fileURLToPath(new URL('./serve-google.ts', import.meta.url))
  const child = fork(script, [people, singles, series, 7].map(String), { execArgv: ['--import', 'tsx'] })
  resources.defer(() => child.disconnect())
  const hello = await hear<{ environment: Record<string, string>; people: string[] }>(
    child,
    'the pretend Google is open',
  )
  const asked = new Map<number, (answer: unknown) => void>()
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => asked.get(id)?.(answer))
  let lastId = 0
  const order = <T>(what: GoogleOrder['what']): Promise<T> => {
    const id = ++lastId
    const { promise, resolve } = Promise.withResolvers<T>()
    asked.set(id, (answer) => {
      asked.delete(id)
      resolve(answer as T)
    })
    child.send({ id, what } satisfies GoogleOrder)
    return untilDone(`the pretend Google’s answer to “${what}”`, promise)
  }

  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const whom = { [isWholeDomain ? 'GOOGLE_ADMIN_EMAIL' : 'PILOT_USERS']: hello.people[0] ?? '' }
  const environment = { DATA_DIR: dataDir, TIME_ZONE: 'UTC', ...whom, ...hello.environment }
  const { config, secrets } = loadConfig(environment, dataDir)
  const app = resources.use(
    await buildApp({
      ...{ config, secrets, databaseUrl: server.url, migrate: true, runsJobs: false },
      log: createLogger({ level: 'error' }),
      ...appOptions,
    }),
  )
  return {
    app,
    people: hello.people,
    usage: () => order('usage'),
    resetUsage: async () => void (await order('reset')),
    change: () => order('change'),
    connect: () => connectPeople(app, hello.people),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

async function connectPeople({ db, clock }: App, people: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  const rows = people.map((email) => {
    const id = newId()
    ids.set(email, id)
    return {
      ...{ id, provider: 'google', access: 'service_account', ownerEmail: email, state: 'connected' },
      ...{ deduplicationKey: `${email}-google-sa`, addressLabel: `Google Calendar of ${email}` },
      nextSyncAt: clock.now(),
    } as const
  })
  for (let i = 0; i < rows.length; i += 500) {
    await db
      .insertInto('calendar')
      .values(rows.slice(i, i + 500) as never)
      .execute()
  }
  return ids
}
