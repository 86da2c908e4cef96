import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { openEmbeddedDatabase } from '../../src/platform/db/embedded/index.ts'
import { serverPid, TemporaryFolders } from '../integration/embedded-support.ts'
import { tellStory } from '../model/tell-story.ts'
import { createTestApp } from '../support/app.ts'
import { browserOptions } from '../support/browser.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { isRunning, signalProcess } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { startWorkerProcess, workerSecrets } from '../support/worker-process.ts'

const BOT_NAME = 'Meeting Assistant'
/** Whoever is not back by then is asked for its story. */
const PATIENCE_MS = 120_000
const LOST_AT_MOST_MS = 10_000
const isOurs = (visit: { joinedAs: string }) => visit.joinedAs === BOT_NAME
/** Rounds of kills; each is at least ten SIGKILLs: bot hosts, a worker, and everything at once. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 1)

/** A sandbox with rooms to be in, and a database with workers on it. Rooms are counted by the sandbox, never by rows. */
async function openWorld(rooms: readonly string[], own?: { databaseUrl: string }) {
  const resources = new Resources()
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const { app, databaseUrl } = resources.use(
    await createTestApp({
      clock: systemClock,
      sandbox: { origin: sandbox.origin, dataDir: '/nonexistent' },
      runnerOf: () => 'browser',
      env: workerSecrets,
      ...(own ? { ...own, migrate: true } : {}),
    }),
  )
  const browser = browserOptions.configuredPath ? { CHROMIUM_PATH: browserOptions.configuredPath } : {}
  const visitsOf = (name: string) => sandbox.rooms.room(name).visits.filter(isOurs)
  /** Where it takes too long, fails with what happened. */
  async function told<T>(name: string, work: Promise<T>): Promise<T> {
    const patience = new AbortController()
    const story = async () => {
      const key = `sandbox:${sandbox.origin}/rooms/${name}`
      throw new Error(`It took too long. ${JSON.stringify(visitsOf(name))}\n${await tellStory(app.db, key)}`)
    }
    const result = await Promise.race([work, wait(PATIENCE_MS, undefined, { signal: patience.signal }).then(story)])
    patience.abort()
    return result
  }
  return {
    app,
    databaseUrl,
    visitsOf,
    told,
    startWorker: async (url = databaseUrl) => resources.use(await startWorkerProcess(url, browser)),
    proxy: async () => resources.use(await startDatabaseProxy(databaseUrl)),
    async send() {
      for (const name of rooms) {
        const url = `${sandbox.origin}/rooms/${name}`
        const room = { platform: 'sandbox', roomId: url, url }
        await askForBot({ ...app.reconcile, db: app.db }, { room, by: 'ana@example.com' })
      }
    },
    /** Until a bot of ours has been in each room so often, and is in it now. */
    async untilIn(times: number | ((name: string) => number)) {
      for (const name of rooms) {
        const count = typeof times === 'number' ? times : times(name)
        const isIn = sandbox.rooms
          .room(name)
          .until((room) => visitsOf(name).length >= count && room.participants().filter(isOurs).length === 1)
        await told(name, isIn)
      }
    },
    /** Until the database knows that a bot records in this room, too: the room may see it a moment before. */
    untilRecording: (name: string) =>
      told(
        name,
        until(
          () => app.db.selectFrom('bot').select(['state']).orderBy('createdAt').execute(),
          (all) => all.at(-1)?.state === 'joined_recording',
        ),
      ),
    /** The stored steps of what all said together. */
    steps: () =>
      app.db
        .selectFrom('audioStep')
        .select(['botId', 'startedMs', 'durationMs'])
        .where('participantId', 'is', null)
        .orderBy('startedMs')
        .execute(),
    /** Until it is known that another worker could take over. */
    untilHeldShort: () =>
      until(
        async () => {
          const { rows } = await sql<{ seconds: number }>`select heartbeat_seconds as seconds from rapporteur_jobs.job
            where name = 'attend-meeting' and state = 'active'`.execute(app.db)
          return rows
        },
        (rows) => rows.every(({ seconds }) => seconds === 22),
      ),
    wereTwoAtOnce: () => rooms.some((name) => sandbox.rooms.room(name).wereEverPresentAtOnce(isOurs)),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

describe.concurrent('Crashes', () => {
  test(
    'bot hosts, a worker and everything at once are killed, and every bot is back in its room, never two, leaving nothing behind',
    async () => {
      const rooms = ['one', 'two']
      await using world = await openWorld(rooms)
      await world.send()
      let worker = await world.startWorker()
      await world.untilIn(1)
      let kills = 0
      for (let round = 0; round < ROUNDS; round++) {
        const counts = () => new Map(rooms.map((name) => [name, world.visitsOf(name).length]))
        const kill = (pids: number[]) => {
          kills += pids.filter((pid) => signalProcess(pid)).length
        }
        const again = async (act: () => unknown) => {
          const before = counts()
          await act()
          await world.untilIn((name) => (before.get(name) ?? 0) + 1)
        }
        for (let turn = 0; turn < 2; turn++) {
          const hosts = await until(worker.hosts, ({ length }) => length >= rooms.length)
          await again(() => kill(hosts))
        }
        const killed = worker
        const family = killed.family()
        worker = await world.startWorker()
        await again(() => kill([killed.pid]))
        await until(
          () => family.filter(isRunning),
          (alive) => alive.length === 0,
        )
        expect(readdirSync(killed.temporary)).toEqual([])

        const all = [worker.pid, ...worker.family()]
        const next = await world.startWorker()
        await again(() => kill(all))
        worker = next
      }
      expect(world.wereTwoAtOnce()).toBe(false)
      expect(kills).toBeGreaterThanOrEqual(10 * ROUNDS)
    },
    600_000 * ROUNDS,
  )

  test('a worker that stands still for half a minute has lost its bot, which left on its own before another came, and writes nothing when it wakes but what its bot had heard', async () => {
    await using world = await openWorld(['still'])
    await world.send()
    const worker = await world.startWorker()
    await world.untilIn(1)
    await world.untilRecording('still')
    await world.startWorker()
    await world.untilHeldShort()
    worker.signal('SIGSTOP')
    await world.untilIn(2)
    worker.signal('SIGCONT')
    await expectHandedOver(world, 'still')
  }, 600_000)

  test.each(['cut', 'hold'] as const)(
    'a worker that is cut off from the database (%s) loses its bot in time, and writes nothing when it is back but what its bot had heard',
    async (how) => {
      await using world = await openWorld([how])
      await world.send()
      const proxy = await world.proxy()
      await world.startWorker(proxy.url)
      await world.untilIn(1)
      await world.untilRecording(how)
      await world.startWorker()
      await world.untilHeldShort()
      proxy[how]()
      await world.untilIn(2)
      proxy.restore()
      await expectHandedOver(world, how)
    },
    600_000,
  )

  test('a database that stands still for 30 s costs a worker alone no seat and the recording nothing', async () => {
    await using world = await openWorld(['paused'])
    await world.send()
    const proxy = await world.proxy()
    await world.startWorker(proxy.url)
    await world.untilIn(1)
    await until(world.steps, (all) => all.length > 0)
    proxy.hold()
    const heldAtMs = Date.now()
    await until(
      () => Date.now() - heldAtMs,
      (ms) => ms >= 30_000,
    )
    const before = await world.steps()
    proxy.restore()
    const all = await until(world.steps, (now) => now.length >= before.length + 7)
    for (const [i, step] of all.entries()) {
      const last = all[i - 1]
      if (last) expect(Math.abs(step.startedMs - last.startedMs - last.durationMs)).toBeLessThanOrEqual(40)
    }
    expect(world.visitsOf('paused')).toHaveLength(1)
    expect(world.visitsOf('paused')[0]?.leftAt).toBeNull()
  }, 600_000)

  test('a database server that is killed and away for 15 s costs nobody a seat and the recording nothing', async () => {
    await using folders = new TemporaryFolders()
    const dataDir = await folders.make()
    // With its usual settings: what was committed is on the disk.
    await using server = await openEmbeddedDatabase({ dataDir, purpose: 'start', commandName: 'test', log: () => {} })
    await using world = await openWorld(['away'], { databaseUrl: server.url })
    await world.send()
    const proxy = await world.proxy()
    await world.startWorker(proxy.url)
    await world.untilIn(1)
    const { steps } = world
    await until(steps, (all) => all.length > 0)
    const committed = await steps()
    const pid = await serverPid(server.location)
    signalProcess(pid)
    proxy.cut()
    const cutAtMs = Date.now()
    await until(
      () => Date.now() - cutAtMs,
      (awayMs) => awayMs >= 15_000,
    )
    expect(
      await until(
        () => serverPid(server.location).catch(() => pid),
        (now) => now !== pid,
      ),
    ).not.toBe(pid)
    const before = await until(
      () => steps().catch(() => []),
      (found) => found.length >= committed.length,
    )
    expect(before.slice(0, committed.length)).toEqual(committed)
    proxy.restore()
    const all = await until(steps, (now) => now.length >= before.length + 4)
    for (const [i, step] of all.entries()) {
      const last = all[i - 1]
      if (last) expect(Math.abs(step.startedMs - last.startedMs - last.durationMs)).toBeLessThanOrEqual(40)
    }
    expect(world.visitsOf('away')).toHaveLength(1)
    expect(world.visitsOf('away')[0]?.leftAt).toBeNull()
  }, 600_000)
})

/** The room saw one bot go before the other came; the rows know one that is over and one of the other worker. */
async function expectHandedOver(world: Awaited<ReturnType<typeof openWorld>>, room: string): Promise<void> {
  const [first, second] = world.visitsOf(room)
  expect(first?.leftStep).toBeLessThan(second?.enteredStep ?? 0)
  const bots = await world.told(
    room,
    until(
      () => world.app.db.selectFrom('bot').select(['id', 'state', 'holder', 'outcome']).orderBy('createdAt').execute(),
      (all) => all.length >= 2 && all.at(-1)?.state === 'joined_recording',
    ),
  )
  // Before it there may have been one whose browser did not start in time.
  const lost = bots.at(-2)
  expect(lost).toMatchObject({ state: 'fatal_error', outcome: 'infrastructure' })
  const { startedAt } = await world.app.db.selectFrom('recording').select('startedAt').executeTakeFirstOrThrow()
  const heardMs = (first?.leftAt?.getTime() ?? 0) - startedAt.getTime()
  await world.told(
    room,
    until(world.steps, (steps) =>
      steps.some(
        (step) =>
          step.botId === lost?.id &&
          step.startedMs + step.durationMs > heardMs - LOST_AT_MOST_MS &&
          step.startedMs < heardMs,
      ),
    ),
  )
  expect(lost?.holder).not.toBeNull()
  expect(world.visitsOf(room)).toHaveLength(2)
  expect(world.wereTwoAtOnce()).toBe(false)
}
