import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { startPeople } from '../../sandbox/room/people/start-people.ts'
import type { Visit } from '../../sandbox/room/visits.ts'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { clips } from '../../sandbox/voices/clips.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { findBrowser } from '../../src/platform/browser/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { serverPid, TemporaryFolders } from '../integration/embedded-support.ts'
import { tellStory } from '../model/tell-story.ts'
import { createTestApp } from '../support/app.ts'
import { browserOptions } from '../support/browser.ts'
import { descendantsOf, signalProcess } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { startWorkerProcess, type WorkerProcess, workerSecrets } from '../support/worker-process.ts'

// Kills and stops of every kind of process, under real browsers and real speech: by flag, since a whole run takes hours.
const kinds = [
  ...(['worker', 'bot host', 'browser', 'pages', 'graphics', 'network service', 'audio service'] as const),
  ...(['speech process', 'database'] as const),
]
type Kind = (typeof kinds)[number]
/** The browser's own processes besides its first, as their command lines name them. */
const partsOfBrowser: Partial<Record<Kind, string>> = {
  pages: '--type=renderer',
  graphics: '--type=gpu-process',
  'network service': 'network.mojom.NetworkService',
  'audio service': 'audio.mojom.AudioService',
}

const { FAULT_KINDS, FAULT_KILLS = '0', FAULT_STOPS = '0', FAULT_LONG_STOPS = '0', FAULT_ROOMS = '2' } = process.env
const chosen = kinds.filter((kind) => FAULT_KINDS === undefined || FAULT_KINDS.split(',').includes(kind))
const faults: { what: string; stoppedMs: number | undefined }[] = [
  ...Array.from({ length: Number(FAULT_KILLS) }, () => ({ what: 'killed', stoppedMs: undefined })),
  ...Array.from({ length: Number(FAULT_STOPS) }, () => ({ what: 'stopped for 30 s', stoppedMs: 30 * SECOND_MS })),
  ...Array.from({ length: Number(FAULT_LONG_STOPS) }, () => ({
    what: 'stopped for 10 min',
    stoppedMs: 10 * MINUTE_MS,
  })),
]
const rooms = Array.from({ length: Number(FAULT_ROOMS) }, (_, i) => `room-${i}`)
const BOT_NAME = 'Meeting Assistant'
const SPEAKS_EVERY_MS = 10 * SECOND_MS
/** Whoever is not back by then is asked for its story. */
const PATIENCE_MS = 5 * MINUTE_MS
/** A step is written each 5 s, and what was in it when its bot was lost is known to be lost. */
const SETTLED_MS = 25 * SECOND_MS
const isOurs = (visit: Visit) => visit.joinedAs === BOT_NAME

/** One person in each room, who says something every ten seconds, and bots of ours that are to hear it. */
async function openWorld(kind: Kind) {
  const resources = new Resources()
  const folders = resources.use(new TemporaryFolders())
  const dataDir = await folders.make()
  const server = resources.use(await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'test', log() {} }))
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const { app } = resources.use(
    await createTestApp({
      clock: systemClock,
      sandbox: { origin: sandbox.origin, dataDir: '/nonexistent' },
      runnerOf: () => 'browser',
      env: workerSecrets,
      databaseUrl: server.url,
      migrate: true,
    }),
  )
  const workers: WorkerProcess[] = []
  const startWorker = async () => {
    const browser = browserOptions.configuredPath ? { CHROMIUM_PATH: browserOptions.configuredPath } : {}
    workers.push(resources.use(await startWorkerProcess(server.url, { ...browser, BOTS_PER_HOST: '5' })))
  }
  await startWorker()
  // A database that is away costs a worker alone no seat; of two, each has to fear that the other takes over.
  if (kind !== 'database') await startWorker()
  const program = await findBrowser(browserOptions)
  const says = Array.from({ length: (10 * HOUR_MS) / SPEAKS_EVERY_MS }, (_, i) => ({
    clip: clips[i % clips.length]?.name ?? '',
    atMs: 1_000 + i * SPEAKS_EVERY_MS,
  }))
  for (const room of rooms) {
    const cast = [{ name: 'Ana', says }]
    resources.use(await startPeople({ origin: sandbox.origin, room, cast, program }))
    const url = `${sandbox.origin}/rooms/${room}`
    await askForBot(
      { ...app.reconcile, db: app.db },
      { room: { platform: 'sandbox', roomId: url, url }, by: 'ana@example.com' },
    )
  }
  const visitsOf = (room: string) => sandbox.rooms.room(room).visits.filter(isOurs)
  const keyOf = (room: string) => `sandbox:${sandbox.origin}/rooms/${room}`
  return {
    app,
    workers,
    startWorker,
    visitsOf,
    /** The bot host with the most pages, and its worker: others may be left without a bot. */
    busiest() {
      const hosts = workers.flatMap((worker) =>
        worker.hosts().map((host) => ({ worker, host, pages: belowNamed(host, '--type=renderer').length })),
      )
      const [first] = hosts.toSorted((a, b) => b.pages - a.pages)
      if (!first) throw new Error('No worker has a bot host')
      return first
    },
    postgres: async () => {
      const pid = await serverPid(server.location)
      return [pid, ...descendantsOf(pid)]
    },
    /** Until one bot of ours is in each room and the database knows that it records. */
    async untilIn() {
      const since = Date.now()
      await until(
        async () => {
          const { rows } = await sql<{ roomKey: string }>`select room_key from bot where state = 'joined_recording'`
            .execute(app.db)
            .catch(() => ({ rows: [] }))
          const known = new Set(rows.map(({ roomKey }) => roomKey))
          return rooms.filter((room) => {
            const inside = sandbox.rooms.room(room).participants().filter(isOurs)
            return inside.length !== 1 || !known.has(keyOf(room))
          })
        },
        (missing) => {
          if (missing.length > 0 && Date.now() - since > PATIENCE_MS) throw new Error(`Not back: ${missing}`)
          return missing.length === 0
        },
      ).catch(async (error) => {
        throw new Error(`${error}\n${await tellStory(app.db, rooms.map(keyOf).join(' '))}`)
      })
    },
    /** Until sound of each room is stored that was heard after an instant. */
    async untilHeard(sinceMs: number) {
      const since = Date.now()
      await until(
        async () => {
          const { rows } = await sql<{ roomKey: string }>`
            select distinct b.room_key from audio_step s join bot b on b.id = s.bot_id join recording r on r.meeting_id = s.meeting_id
            where s.participant_id is not null
              and r.started_at + s.started_ms * interval '1 millisecond' > ${new Date(sinceMs)}`.execute(app.db)
          const heard = new Set(rows.map(({ roomKey }) => roomKey))
          return rooms.filter((room) => !heard.has(keyOf(room)))
        },
        (missing) => {
          if (missing.length > 0 && Date.now() - since > PATIENCE_MS) throw new Error(`Nobody is heard in ${missing}`)
          return missing.length === 0
        },
      )
    },
    wereTwoAtOnce: () => rooms.filter((room) => sandbox.rooms.room(room).wereEverPresentAtOnce(isOurs)),
    /** Seconds of sound that the bots which are over had heard and that are nowhere, the worst of all. */
    async lostS() {
      const { rows } = await sql<{ roomKey: string; startedAt: Date; endsAt: Date }>`
        select b.room_key, r.started_at + p.started_ms * interval '1 millisecond' as started_at,
          r.started_at + coalesce(max(s.started_ms + s.duration_ms), p.started_ms) * interval '1 millisecond' as ends_at
        from bot b join part p on p.bot_id = b.id join recording r on r.meeting_id = b.meeting_id
          left join audio_step s on s.bot_id = b.id and s.participant_id is null
        where b.state in ('ended', 'fatal_error') group by b.id, r.started_at, p.started_ms`.execute(app.db)
      const lost = rows.map(({ roomKey, startedAt, endsAt }) => {
        const room = rooms.find((one) => keyOf(one) === roomKey) ?? ''
        // Whoever came last before it began to record is it.
        const visit = visitsOf(room).findLast(({ enteredAt }) => enteredAt && enteredAt <= startedAt)
        return ((visit?.leftAt?.getTime() ?? endsAt.getTime()) - endsAt.getTime()) / SECOND_MS
      })
      return Math.max(0, ...lost)
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

function belowNamed(host: number, words: string): number[] {
  return descendantsOf(host).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(words)
    } catch {
      return false
    }
  })
}

/** The processes that a fault of this kind hits. */
async function pick(kind: Kind, world: Awaited<ReturnType<typeof openWorld>>, isStop: boolean): Promise<number[]> {
  const { worker, host } = world.busiest()
  if (kind === 'worker') return [worker.pid]
  if (kind === 'bot host') return [host]
  const part = partsOfBrowser[kind]
  if (part !== undefined) return belowNamed(host, part)
  // Only the browser itself bears this; when it is gone its other processes go.
  if (kind === 'browser') return isStop ? descendantsOf(host) : belowNamed(host, '--rapporteur-owner')
  if (kind === 'database') return isStop ? world.postgres() : (await world.postgres()).slice(0, 1)
  const speaking = () => world.workers.flatMap((worker) => worker.speechProcesses())
  return (await until(speaking, ({ length }) => length > 0)).slice(0, 1)
}

/** The longest time since an instant in which none of ours was in a room, in seconds. */
function longestGapS(visits: readonly Visit[], sinceMs: number): number {
  let coveredMs = sinceMs
  let gapMs = 0
  for (const { enteredAt, leftAt } of visits) {
    if (!enteredAt || (leftAt && leftAt.getTime() < sinceMs)) continue
    gapMs = Math.max(gapMs, enteredAt.getTime() - coveredMs)
    coveredMs = Math.max(coveredMs, leftAt?.getTime() ?? Number.POSITIVE_INFINITY)
  }
  return gapMs / SECOND_MS
}

describe.skipIf(faults.length === 0)('Faults', () => {
  test.each(chosen)(
    'of a %s: every bot is back in its room, and never two',
    async (kind) => {
      await using world = await openWorld(kind)
      await world.untilIn()
      for (const { what, stoppedMs } of faults) {
        // Long enough that the bots have something to lose.
        await wait(2 * SPEAKS_EVERY_MS)
        const pids = await pick(kind, world, stoppedMs !== undefined)
        if (pids.length === 0) {
          console.log(`${kind}: this browser has no process of its own for it`)
          expect(partsOfBrowser[kind]).toBeDefined()
          return
        }
        const sinceMs = Date.now()
        for (const pid of pids) signalProcess(pid, stoppedMs === undefined ? 'SIGKILL' : 'SIGSTOP')
        if (kind === 'worker' && stoppedMs === undefined) {
          const killed = world.workers.findIndex(({ pid }) => pids.includes(pid))
          world.workers.splice(killed, 1)
          await world.startWorker()
        }
        await wait(stoppedMs ?? 0)
        if (stoppedMs !== undefined) for (const pid of pids) signalProcess(pid, 'SIGCONT')
        // Whoever was hit may take a moment until it is seen to be gone.
        await wait(SETTLED_MS)
        await world.untilIn()
        await world.untilHeard(Date.now())
        const gapS = Math.max(...rooms.map((room) => longestGapS(world.visitsOf(room), sinceMs)))
        const lostS = await world.lostS()
        console.log(
          `${kind} ${what}: no bot for ${gapS.toFixed(1)} s, heard and lost at most ${lostS.toFixed(1)} s so far`,
        )
        expect(world.wereTwoAtOnce()).toEqual([])
      }
      // All that was said has become text, whoever was hit while it did.
      const left = async () => {
        const { rows } = await sql<{ left: number }>`
        select count(*)::int as left from utterance where state = 'heard'
          and created_at < now() - interval '3 minutes'`.execute(world.app.db)
        return rows[0]?.left
      }
      await until(left, (count) => count === 0)
    },
    10 * HOUR_MS,
  )
})
