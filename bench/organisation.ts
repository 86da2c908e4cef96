import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type App, type AppOptions, buildApp } from '../src/app.ts'
import { Resources } from '../src/base/resources.ts'
import type { Providers, SourceEvent } from '../src/features/calendars/index.ts'
import { loadConfig } from '../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../src/platform/db/embedded/index.ts'
import { createLogger } from '../src/platform/observe/index.ts'

/** An organisation whose calendars are held in memory and read by the real sync into a real database. */
export interface BenchOrganisation extends AsyncDisposable {
  app: App
  /** What each calendar says, by the address it was connected with. Changing it is changing the calendar. */
  events: Map<string, SourceEvent[]>
}

export async function createBenchOrganisation(options: Pick<AppOptions, 'runnerOf'> = {}): Promise<BenchOrganisation> {
  const resources = new Resources()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-bench-'))
  await chmod(dataDir, 0o711)
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const { config, secrets } = loadConfig({ DATA_DIR: dataDir, TIME_ZONE: 'UTC' }, dataDir)
  const events = new Map<string, SourceEvent[]>()
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: server.url,
      migrate: true,
      runsJobs: false,
      log: createLogger({ level: 'error' }),
      providers: createMemoryProviders(events),
      ...options,
    }),
  )
  return { app, events, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() }
}

function createMemoryProviders(events: ReadonlyMap<string, SourceEvent[]>): Providers {
  const memory: Providers['ics'] = {
    identify: (given) => ({ credential: given, label: given }),
    listChanges: (input) => memory.listAll(input),
    async *listAll({ reader }) {
      const items = (events.get(reader.credential ?? '') ?? []).map((event) => ({
        id: event.uid,
        uid: event.uid,
        seriesId: null,
        isHole: false,
        content: JSON.stringify(event),
        contentHash: JSON.stringify([event.startsAt, event.title, event.ownResponse]),
        isRecurring: false,
        firstStartsAt: event.startsAt,
        lastEndsAt: event.endsAt,
        version: '',
      }))
      yield { isWhole: true, items, removed: [], problems: [], cursor: 'read' }
    },
    expand: (contents) => ({
      events: contents.map((content) => revive(JSON.parse(content))),
      problems: [],
      unsure: [],
    }),
    whyLost: () => undefined,
    pollMs: () => 60_000,
  }
  return { ics: memory, google: memory }
}

function revive(stored: SourceEvent): SourceEvent {
  return { ...stored, startsAt: new Date(stored.startsAt), endsAt: new Date(stored.endsAt) }
}
