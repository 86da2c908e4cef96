import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type App, buildApp } from '../src/app.ts'
import { systemClock } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { Resources } from '../src/base/resources.ts'
import type { Meeting } from '../src/features/meetings/index.ts'
import { writeMeetings } from '../src/features/meetings/meeting-store.ts'
import { loadConfig } from '../src/platform/config/index.ts'
import { openEmbeddedDatabase } from '../src/platform/db/embedded/index.ts'
import { inTransaction } from '../src/platform/db/index.ts'
import { createLogger } from '../src/platform/observe/index.ts'
import { workerSecrets } from '../test/support/worker-process.ts'

const ORIGIN = 'http://127.0.0.1:9'
const BATCH = 500

/** An installation with a database of its own, whose meetings are planned and whose workers are other processes. */
export interface BenchMeetings extends AsyncDisposable {
  app: App
  databaseUrl: string
  /** Plans meetings that begin at an instant, each in a room of its own, with their bots and jobs. */
  plan(count: number, startsAt: Date, origin?: string): Promise<void>
}

export async function createBenchMeetings(): Promise<BenchMeetings> {
  await using resources = new Resources()
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-bench-'))
  resources.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = resources.use(
    await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'bench', log: () => {} }),
  )
  const { config, secrets } = loadConfig({ DATA_DIR: dataDir, DATABASE_URL: server.url, ...workerSecrets }, dataDir)
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: server.url,
      migrate: true,
      runsJobs: false,
      sandbox: { origin: ORIGIN, dataDir },
      runnerOf: () => 'browser',
      log: createLogger({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
    }),
  )
  const owned = resources.move()
  return {
    app,
    databaseUrl: server.url,
    async plan(count, startsAt, origin = ORIGIN) {
      for (let done = 0; done < count; done += BATCH) {
        const meetings = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) =>
          meetingOf(`${origin}/rooms/bench-${done + i}`, startsAt),
        )
        const now = systemClock.now()
        await inTransaction(app.db, async (trx) => {
          await writeMeetings(trx, meetings, new Map(), { now, origin: 'calendar' })
          await app.reconcile.planned(trx, meetings, 'calendar')
        })
      }
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

function meetingOf(url: string, startsAt: Date): Meeting {
  const id = newId()
  return {
    id,
    platform: 'sandbox',
    roomId: url,
    roomKey: `sandbox:${url}`,
    meetingUrl: url,
    uid: `bench-${id}`,
    occurrenceKey: '',
    startsAt,
    endsAt: new Date(startsAt.getTime() + 3_600_000),
    isAllDay: false,
    title: 'Bench',
    isPrivate: false,
    organizerEmail: null,
    attendeeCount: 0,
    copies: 1,
    supporting: 1,
    decision: 'attend',
    reason: 'wanted',
    reasonDetail: { supporting: 1, copies: 1 },
    wish: null,
    wishAt: null,
    wishBy: null,
  }
}
