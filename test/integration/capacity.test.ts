import { expect, test } from 'vitest'
import { serveWeb } from '../../src/entrypoints/cli/serve-web.ts'
import { takeSeats } from '../../src/features/attendance/capacity/take-seats.ts'
import { readCapacity, superviseBots, whatItWaitsFor } from '../../src/features/attendance/index.ts'
import { listDueBots, type RunnerName } from '../../src/features/bots/index.ts'
import { giveBackLostJobs } from '../../src/platform/jobs/lost-jobs.ts'
import { type AttendanceWorld, createAttendanceWorld } from '../support/attendance-world.ts'
import { until } from '../support/until.ts'

const presentIn = (world: AttendanceWorld, rooms: readonly string[]) =>
  rooms.filter((room) => world.rooms.present(world.urlOf(room)).length > 0)

async function waitsOf(world: AttendanceWorld, total: number) {
  const capacity = await readCapacity({ ...world.app, total })
  const due = await listDueBots(world.app.db, world.app.clock.now(), 100)
  return due.map((bot) => whatItWaitsFor(bot, capacity, world.app.clock.now()))
}

test('all workers together have no more seats than the total, what waits is known, and gets the next place that is free', async () => {
  await using world = await createAttendanceWorld()
  const rooms = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const room of rooms) await world.plan(room, 0, 3_600)
  for (let i = 0; i < 2; i++) world.startWorker({ total: 2 })
  await until(
    async () => presentIn(world, rooms),
    (present) => present.length === 2,
  )
  await until(
    () => waitsOf(world, 2),
    (waits) => waits.length === 4 && waits.every((wait) => wait !== undefined),
  )
  expect(await waitsOf(world, 2)).toEqual(Array.from({ length: 4 }, () => ({ what: 'place', taken: 2, of: 2 })))

  for (let left = 6; left > 2; left--) {
    const [first] = presentIn(world, rooms)
    const freedAt = Date.now()
    world.rooms.endMeeting(world.urlOf(first ?? ''))
    const came = await until(
      async () => world.rooms.visits,
      (visits) => visits.length === 9 - left,
    )
    expect((came.at(-1)?.cameAt.getTime() ?? 0) - freedAt).toBeLessThan(5_000)
    expect(presentIn(world, rooms).length).toBeLessThanOrEqual(2)
  }
  expect(await waitsOf(world, 2)).toEqual([])
})

test('many workers that look at the same instant take no more than the total', async () => {
  await using world = await createAttendanceWorld()
  for (let i = 0; i < 12; i++) await world.plan(`herd-${i}`, 0, 3_600)
  const deps = { ...world.app, total: 7 }
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeSeats(deps, 3)))
  expect(taken.flat()).toHaveLength(7)
  expect(Math.max(...taken.map((jobs) => jobs.length))).toBe(3)
  expect(await takeSeats(deps, 3)).toEqual([])
})

test('a worker has no more browser seats than its machine can bear, however many places are left elsewhere', async () => {
  await using world = await createAttendanceWorld()
  const rooms = ['a', 'b', 'c']
  for (const room of rooms) await world.plan(room, 0, 3_600)
  world.startWorker({ capacity: 1 })
  await until(
    () => waitsOf(world, 50),
    (waits) => waits.length === 2 && waits.every((wait) => wait !== undefined),
  )
  expect(await waitsOf(world, 50)).toEqual(Array.from({ length: 2 }, () => ({ what: 'place', taken: 1, of: 1 })))
  world.startWorker({ capacity: 1 })
  await until(
    async () => presentIn(world, rooms),
    (present) => present.length === 2,
  )
  expect(await waitsOf(world, 50)).toHaveLength(1)
})

test("an Attendee server's bots take places of the total, but none in a worker's browsers", async () => {
  let runner: RunnerName = 'attendee'
  await using world = await createAttendanceWorld({ runnerOf: () => runner })
  for (let i = 0; i < 3; i++) await world.plan(`remote-${i}`, 0, 3_600)
  runner = 'browser'
  for (let i = 0; i < 3; i++) await world.plan(`local-${i}`, 0, 3_600)
  world.startWorker({
    capacity: 2,
    total: 5,
    runners: { browser: world.rooms, attendee: world.rooms },
  })
  await until(
    async () => world.rooms.visits.length,
    (count) => count === 5,
  )
  const { taken } = await readCapacity({ ...world.app, total: 5 })
  expect(taken).toEqual({ browser: 2, attendee: 3 })
  await until(
    () => waitsOf(world, 5),
    (waits) => waits.length === 1,
  )
  expect(await waitsOf(world, 5)).toEqual([{ what: 'place', taken: 5, of: 5 }])
})

test('the place of a worker that died is taken until nobody of it can be in a room any more', async () => {
  await using world = await createAttendanceWorld()
  await world.plan('dead', 0, 3_600)
  const deps = { ...world.app, total: 1 }
  const [held] = await takeSeats(deps, 1)
  await world.plan('next', 0, 3_600)
  expect(await takeSeats(deps, 1)).toEqual([])
  // No sign of life for longer than its heartbeat.
  await world.app.queue.boss
    .getDb()
    .executeSql(`update rapporteur_jobs.job set heartbeat_on = now() - interval '1 minute' where id = $1`, [held?.id])
  expect(await takeSeats(deps, 1)).toEqual([])
  await giveBackLostJobs(world.app.queue)
  expect(await takeSeats(deps, 1)).toHaveLength(1)
})

test('a bot that stays in its room without a worker keeps its place, and is found a worker before all others', async () => {
  await using world = await createAttendanceWorld({ runnerOf: () => 'attendee' })
  await world.plan('before', 0, 3_600)
  const alone = await world.plan('alone', 0, 3_600)
  await world.app.db.updateTable('bot').set({ state: 'joined_recording' }).where('meetingId', '=', alone.id).execute()
  const deps = { ...world.app, total: 1 }
  expect((await takeSeats(deps, 0)).map(({ payload }) => payload)).toEqual([{ meetingId: alone.id }])
  expect(await takeSeats(deps, 0)).toEqual([])
})

test('a meeting that is handed over keeps its place against one that waits for longer', async () => {
  await using world = await createAttendanceWorld()
  const waits = await world.plan('waits', 0, 3_600)
  await world.plan('runs', 0, 3_600)
  const due = async (startAfter: string) => {
    const ofWaiting = `data->>'meetingId' = '${waits.id}'`
    await world.app.queue.boss
      .getDb()
      .executeSql(`update rapporteur_jobs.job set start_after = ${startAfter} where ${ofWaiting}`)
  }
  await due("now() + interval '1 hour'")
  const old = world.startWorker({ total: 1 })
  await until(
    async () => presentIn(world, ['runs']),
    (present) => present.length === 1,
  )
  await due('now()')
  world.startWorker({ total: 1 })
  await old.handOver()
  await until(
    async () => world.rooms.visits,
    (visits) => visits.length === 2,
  )
  expect(presentIn(world, ['runs', 'waits'])).toEqual(['runs'])
})

test('a meeting that never got a place ends with that as its reason', async () => {
  await using world = await createAttendanceWorld()
  const busy = await world.plan('busy', 0, 3_600)
  world.startWorker({ total: 1 })
  await until(
    async () => presentIn(world, ['busy']),
    (present) => present.length === 1,
  )
  const late = await world.plan('late', 0, 123)
  await until(
    () => superviseBots(world.app.supervise),
    (healed) => healed === 1,
  )
  expect(await world.eventsOf(late.id)).toEqual(['fatal_error: no_capacity'])
  const bots = await world.bots()
  expect(bots.find(({ meetingId }) => meetingId === late.id)).toMatchObject({ outcome: 'no_capacity' })
  expect(presentIn(world, ['busy'])).toEqual(['busy'])
  expect((await world.bots()).filter(({ meetingId }) => meetingId === busy.id)).toHaveLength(1)
})

test('the gauges say how many places are taken, and how many bots wait for one or for a worker', async () => {
  await using world = await createAttendanceWorld()
  const { config } = world.app
  const settings = { server: { ...config.server, port: 0 }, bots: { ...config.bots, max: 2 } }
  await using _web = await serveWeb({ ...world.app, config: { ...config, ...settings } })
  const gauges = async () =>
    (await world.app.metrics.render()).split('\n').filter((line) => /^rapporteur_bots?_(places|waiting)\{/.test(line))
  const saying = (taken: number, place: number, worker: number) => [
    'rapporteur_bot_places{kind="total"} 2',
    `rapporteur_bot_places{kind="browser"} ${taken}`,
    'rapporteur_bot_places{kind="attendee"} 0',
    `rapporteur_bots_waiting{for="place"} ${place}`,
    `rapporteur_bots_waiting{for="worker"} ${worker}`,
  ]
  for (const room of ['g', 'h', 'i']) await world.plan(room, 0, 3_600)
  expect(await gauges()).toEqual(saying(0, 0, 3))
  world.startWorker({ total: 2 })
  const lines = await until(gauges, (now) => now.includes('rapporteur_bots_waiting{for="place"} 1'))
  expect(lines).toEqual(saying(2, 1, 0))
})
