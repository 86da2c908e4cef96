import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { TestClock } from 'pg-boss'
import { Resources } from '../../src/base/resources.ts'
import { Attendance } from '../../src/features/attendance/attendance.ts'
import { superviseBots } from '../../src/features/attendance/index.ts'
import { allJobs } from '../../src/jobs.ts'
import { createPipeline, type Pipeline, settleMeeting } from '../../src/pipeline.ts'
import { type Database, openDatabase } from '../../src/platform/db/index.ts'
import { openQueue, type Queue } from '../../src/platform/jobs/index.ts'
import { giveBackLostJobs } from '../../src/platform/jobs/lost-jobs.ts'
import { createTestDatabase } from '../support/database.ts'
import { NOW } from '../support/plan-world.ts'
import { createIdleProviders } from '../support/providers.ts'
import type { Random } from '../support/random.ts'
import { CrashGate } from './crash-gate.ts'
import { type GatedDatabase, gateBoss, openGatedDatabase } from './gated-database.ts'
import { createSimAttendee } from './sim-attendee.ts'
import { createSimBotHosts } from './sim-bot-hosts.ts'
import { createSimRooms, type SimRooms } from './sim-rooms.ts'
import { createSimTime, type SimTime } from './sim-time.ts'
import { createWorkerTimers } from './sim-worker.ts'

export const ROOM_ORIGIN = 'http://127.0.0.1:9'
export const JITSI_HOST = 'jitsi.example.org'
const MACHINES = ['this machine', 'another machine']
/** How much more seldom than in truth workers look about, where nothing else is said. */
const STRETCH = 3
/** Lost jobs are looked for every second in truth. */
const LOST_JOBS_MS = 5_000
const SUPERVISION_MS = 60_000
/** An idle worker asks the queue four times a second; here most of that is spared. */
const FETCH_EVERY_MS = 3_000

/** One worker with its bot hosts, on connections of its own. */
export interface SimWorker {
  name: string
  /** Workers of one machine can tell when one of them is gone. */
  machine: string
  gate: CrashGate
  database: GatedDatabase
  pipeline: Pipeline
  attendance: Attendance
  hosts: ReturnType<typeof createSimBotHosts>
  isDraining: boolean
  /** Jobs it was given, and those it will be given once more. */
  redelivery: { past: unknown[]; again: unknown[] }
}

export interface World extends AsyncDisposable {
  random: Random
  time: SimTime
  rooms: SimRooms
  attendee: ReturnType<typeof createSimAttendee>
  /** Looks at the truth, past all gates. */
  db: Database
  queue: Queue
  workers(): SimWorker[]
  startWorker(): SimWorker
  /** Tells every worker what another one announced. */
  tellNotices(): void
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export interface WorldOptions {
  random: Random
  onInstant(): void
  capacity: number
  /** Bots stay as long as people do, whom the test sends to and fro. */
  isPeopled?: boolean
  /** How much more seldom than in truth workers look about; `STRETCH` where unset. */
  stretch?: number
}

export async function createWorld(options: WorldOptions): Promise<World> {
  const { random, isPeopled = false, stretch = STRETCH } = options
  const resources = new Resources()
  const database = resources.use(await createTestDatabase())
  const workers: SimWorker[] = []
  const everStarted = new Map<string, SimWorker>()
  const time = createSimTime({
    start: NOW,
    isBusy: () => houseGate.isBusy || workers.some(({ gate }) => gate.isBusy),
    onInstant: options.onInstant,
  })
  const queueClock = new TestClock(NOW)
  const queue = resources.use(
    await openQueue({
      databaseUrl: database.url,
      jobs: allJobs,
      log: silent,
      supervise: false,
      migrate: false,
      clock: queueClock,
    }),
  )
  /** The queue's time follows when somebody asks it something. */
  let keeping: Promise<void> | undefined
  const keepTime = async () => {
    while (queueClock.now() < time.nowMs()) {
      keeping ??= queueClock.setTime(time.nowMs()).finally(() => {
        keeping = undefined
      })
      await keeping
    }
  }
  const houseGate = new CrashGate({ onCrash: () => {}, onOpen: () => {}, keepTime })
  const mediaDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-model-'))
  resources.defer(() => rm(mediaDir, { recursive: true, force: true }))
  const rooms = createSimRooms({ arePeopled: isPeopled })
  const attendee = createSimAttendee({ time, rooms, random })
  const listeners = new Set<() => void>()
  let count = 0

  function startWorker(): SimWorker {
    const name = `worker_${++count}`
    const machine = random.pick(MACHINES)
    const gate: CrashGate = new CrashGate({
      onCrash() {
        worker.database.breakAll()
        worker.hosts.orphan()
        workers.splice(workers.indexOf(worker), 1)
      },
      onOpen: () => timers.wake(),
      keepTime,
    })
    const timers = createWorkerTimers(time, gate, stretch)
    const gated = openGatedDatabase(database.url, gate)
    const redelivery = { past: [] as unknown[], again: [] as unknown[] }
    const own: Queue = {
      ...queue,
      boss: gateBoss(queue.boss, gate, { nowMs: time.nowMs, fetchEveryMs: FETCH_EVERY_MS, redelivery }),
    }
    const hosts = createSimBotHosts({ time, rooms, random, gate })
    const attendance = new Attendance({
      db: gated.db,
      queue: own,
      clock: time.clock,
      log: silent as never,
      voices: undefined,
      timers,
      workerId: name,
      presence: {
        place: { machine, booted: '', socket: path.join(mediaDir, name) },
        forget: async () => {},
        async isGone({ id }) {
          await gate.pass()
          const other = everStarted.get(id)
          return other?.machine === machine && other.gate.state === 'dead' && other.hosts.seats().length === 0
        },
      },
      runners: { browser: hosts.runner, attendee: attendee.createRunner(gate) },
      capacity: options.capacity,
      total: 1_000,
      botName: 'Our bot',
      otherBotNames: [],
      chatLine: '',
      signals: {
        subscribe(_name, heard) {
          const hear = () => {
            if (gate.state !== 'dead') heard('')
          }
          listeners.add(hear)
          return () => listeners.delete(hear)
        },
      },
      settled: (trx, meeting) => settleMeeting({ queue: own, clock: time.clock }, trx, meeting),
    })
    const pipeline = createPipeline({
      db: gated.db,
      queue: own,
      clock: time.clock,
      decrypt: (text) => text,
      providers: createIdleProviders(),
      pilotUsers: [],
      orgDomains: ['example.com'],
      timeZone: 'UTC',
      jitsiHosts: [JITSI_HOST],
      sandboxOrigin: ROOM_ORIGIN,
      alwaysAttends: false,
      runnerOf: (platform) => (platform === 'jitsi' ? 'attendee' : 'browser'),
    })
    const worker: SimWorker = {
      name,
      machine,
      gate,
      database: gated,
      pipeline,
      attendance,
      hosts,
      isDraining: false,
      redelivery,
    }
    workers.push(worker)
    everStarted.set(name, worker)
    return worker
  }

  const again = () => {
    void houseGate.call(() => giveBackLostJobs(queue))
    time.after((LOST_JOBS_MS * stretch) / STRETCH, again)
  }
  time.after((LOST_JOBS_MS * stretch) / STRETCH, again)
  const superviseAgain = () => {
    const worker = workers.find(({ gate }) => gate.state === 'open')
    if (worker) superviseBots(worker.pipeline.supervise).catch(() => {})
    time.after(SUPERVISION_MS, superviseAgain)
  }
  time.after(SUPERVISION_MS, superviseAgain)

  const db: Database = await openDatabase({ url: database.url, maxConnections: 2 })
  resources.defer(() => db.destroy())
  return {
    random,
    time,
    rooms,
    attendee,
    db,
    queue,
    workers: () => [...workers],
    startWorker,
    tellNotices: () => {
      for (const hear of listeners) hear()
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
