import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import { openPresence } from '../../src/features/attendance/workers/presence.ts'
import { createTestApp } from '../support/app.ts'
import { startCountingRooms } from '../support/counting-rooms.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { planMeetings } from '../support/planned-meetings.ts'
import { until } from '../support/until.ts'
import { startWorkerProcess, workerSecrets } from '../support/worker-process.ts'

const ORIGIN = 'http://127.0.0.1:9'

/** Workers in processes of their own, whose bots are in rooms that only count. */
async function openWorld() {
  const resources = new Resources()
  const rooms = resources.use(await startCountingRooms())
  const { app, databaseUrl } = resources.use(
    await createTestApp({
      clock: systemClock,
      sandbox: { origin: ORIGIN, dataDir: '/nonexistent' },
      runnerOf: () => 'browser',
      env: workerSecrets,
    }),
  )
  return {
    db: app.db,
    rooms,
    databaseUrl,
    startWorker: async (url = databaseUrl) => {
      const env = { ROOMS_PORT: String(rooms.port), ROOMS_SOUND: '1', SPEECH_PROCESSES: '1' }
      return resources.use(await startWorkerProcess(url, env))
    },
    /** Meetings that begin so many milliseconds from now, each in a room of its own. */
    async plan(...inMs: number[]) {
      const nowMs = Date.now()
      await planMeetings(
        app,
        inMs.map((ms) => ({
          url: `${ORIGIN}/rooms/in-${ms}`,
          startsAt: new Date(nowMs + ms),
          endsAt: new Date(nowMs + ms + HOUR_MS),
        })),
      )
    },
    untilVisits: (count: number) =>
      until(
        () => rooms.visits,
        ({ length }) => length >= count,
      ),
    /** Until every seat is held for so many seconds at a time. */
    untilHeldFor: (seconds: number) =>
      until(
        async () => {
          const { rows } = await sql<{ seconds: number }>`select heartbeat_seconds as seconds from rapporteur_jobs.job
            where name = 'attend-meeting' and state = 'active'`.execute(app.db)
          return rows
        },
        (rows) => rows.length > 0 && rows.every((row) => row.seconds === seconds),
      ),
    bots: () => app.db.selectFrom('bot').selectAll().orderBy('createdAt').execute(),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

describe.concurrent('Holds', () => {
  test('a worker alone holds its seats for ten minutes, and for 22 s as soon as another could take over', async () => {
    await using world = await openWorld()
    await world.plan(0)
    await world.startWorker()
    await world.untilVisits(1)
    await world.untilHeldFor(600)
    await world.startWorker()
    expect(await world.untilHeldFor(22)).toHaveLength(1)
    expect(world.rooms.visits).toHaveLength(1)
  }, 60_000)

  test('a worker alone that is killed has its meetings back when it is started again on its machine, with the sound that a database which stood still did not take', async () => {
    await using world = await openWorld()
    await using proxy = await startDatabaseProxy(world.databaseUrl)
    await world.plan(0)
    const worker = await world.startWorker(proxy.url)
    await world.untilVisits(1)
    await world.untilHeldFor(600)
    const heardMs = async () => {
      const [bot] = await world.bots()
      const last = await world.db
        .selectFrom('audioStep')
        .select((eb) => eb.fn.max(eb('startedMs', '+', eb.ref('durationMs'))).as('endMs'))
        .where('botId', '=', bot?.id ?? '')
        .executeTakeFirst()
      return Number(last?.endMs ?? 0)
    }
    await until(heardMs, (ms) => ms > 0)
    proxy.hold()
    const heldAtMs = Date.now()
    const before = await heardMs()
    await until(
      () => Date.now() - heldAtMs,
      (ms) => ms >= 8 * SECOND_MS,
    )
    worker.signal('SIGKILL')
    await world.startWorker()
    await world.untilVisits(2)
    expect(world.rooms.peak()).toBe(1)
    // Of eight seconds at least those are there that were not just on their way to the disk or in the middle of a step.
    await until(heardMs, (ms) => ms > before + 2 * SECOND_MS)
    const states = async () => (await world.bots()).map(({ state }) => state).join(' ')
    await until(states, (now) => now === 'fatal_error joined_recording')
  }, 120_000)

  test('a worker whose clock is two hours ahead ends no bot, is in its rooms in time, and goes nowhere early', async () => {
    await using world = await openWorld()
    const worker = await world.startWorker()
    await world.plan(0, 4 * SECOND_MS, 40 * MINUTE_MS)
    await world.untilVisits(1)
    worker.setClock(2 * HOUR_MS)
    expect(await worker.supervise()).toBe(0)
    await world.untilVisits(2)
    expect(await worker.supervise()).toBe(0)
    expect(world.rooms.visits.map(({ url }) => url)).toEqual([`${ORIGIN}/rooms/in-0`, `${ORIGIN}/rooms/in-4000`])
    const bots = await until(world.bots, (all) => all.filter(({ state }) => state === 'joined_recording').length === 2)
    expect(bots.map(({ state }) => state).sort()).toEqual(['joined_recording', 'joined_recording', 'scheduled'])
    for (const { stateAt } of bots) expect(Math.abs(stateAt.getTime() - Date.now())).toBeLessThan(HOUR_MS)
  }, 60_000)

  test('nobody counts a worker as gone that stands still, is on another machine, or has a process left; one that was killed is', async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-here-'))
    await using resources = new Resources()
    resources.defer(() => rm(dataDir, { recursive: true }))
    await using world = await openWorld()
    const worker = await world.startWorker()
    const log = { warn: () => {} }
    const here = resources.use(await openPresence({ workerId: 'worker_here', dataDir, log }))
    const [row] = await until(
      () => world.db.selectFrom('worker').selectAll().execute(),
      (rows) => rows.length === 1,
    )
    const place = { machine: row?.machine ?? '', booted: row?.booted ?? '', socket: row?.socket ?? '' }
    const isGone = (change = {}) => here.isGone({ id: row?.id ?? '', place: { ...place, ...change } })
    expect(place).toMatchObject({ machine: here.place?.machine, booted: here.place?.booted })
    worker.signal('SIGSTOP')
    expect(await isGone()).toBe(false)
    worker.signal('SIGCONT')
    worker.signal('SIGKILL')
    await until(isGone, (gone) => gone)
    expect(await isGone({ machine: 'another' })).toBe(false)
    expect(await isGone({ socket: `${place.socket}.never` })).toBe(false)
    // What is left of it bears its name.
    expect(await here.isGone({ id: process.argv0, place })).toBe(false)
    expect(await here.isGone({ id: process.argv0, place: { ...place, booted: 'before' } })).toBe(true)
  }, 60_000)
})
