import { expect, test } from 'vitest'
import { type Runner, superviseBots } from '../../src/features/attendance/index.ts'
import { LINGER_MS } from '../../src/features/bots/index.ts'
import { type Meeting, refuseBot } from '../../src/features/meetings/index.ts'
import { writeMeetings } from '../../src/features/meetings/meeting-store.ts'
import { readParts } from '../../src/features/recordings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createAttendanceWorld } from '../support/attendance-world.ts'
import { until } from '../support/until.ts'

const isOver = ({ state }: { state: string }) => ['ended', 'fatal_error', 'cancelled'].includes(state)

test('three meetings of one host within each other have one seat in turn, and each its own time of what was heard', async () => {
  await using world = await createAttendanceWorld({ hasSound: true })
  const ofHost = { provenOrganizer: 'host@example.com' }
  const [a, b, c] = [
    await world.plan('chain', 0, 200, ofHost),
    await world.plan('chain', 4, 203, ofHost),
    await world.plan('chain', 8, 205, ofHost),
  ]
  world.startWorker()
  await until(
    () => readParts(world.app.db, c?.id ?? ''),
    (parts) => parts.length === 1,
  )
  // Those around it may have the room again, and wait for it.
  await until(world.bots, (bots) => bots.filter(({ state }) => state === 'staged').length === 2)

  expect(world.rooms.visits).toHaveLength(1)
  expect((await world.bots()).map(({ state }) => state).sort()).toEqual([
    'ended',
    'ended',
    'joined_recording',
    'staged',
    'staged',
  ])
  expect(await world.eventsOf(b?.id ?? '')).toEqual([
    'staged',
    'continued',
    'left_meeting: handed_on',
    'post_processing_completed',
  ])
  expect(new Set((await world.bots()).map(({ jobId }) => jobId)).size).toBe(1)

  for (const meeting of [a, b, c])
    await refuseBot(
      { ...world.app.reconcile, db: world.app.db },
      { meetingId: meeting?.id ?? '', by: 'ana@example.com' },
    )
  await until(world.bots, (bots) => bots.every(isOver))
  const began = async (meeting = a) => {
    const row = await world.app.db
      .selectFrom('recording')
      .select('startedAt')
      .where('meetingId', '=', meeting?.id ?? '')
      .executeTakeFirstOrThrow()
    return row.startedAt.getTime()
  }
  // To the packet: the seat's first sample is where the first begins, the others begin at their start.
  for (const meeting of [b, c]) {
    const lateMs = (await began(meeting)) - (meeting?.startsAt.getTime() ?? 0)
    expect(lateMs).toBeGreaterThanOrEqual(0)
    expect(lateMs).toBeLessThan(20)
  }
  await until(world.liveJobs, (count) => count === 0)
})

test('a no to a meeting that has handed its seat on ends what it still hears, and nothing else', async () => {
  await using world = await createAttendanceWorld({ hasSound: true })
  const ofHost = { provenOrganizer: 'host@example.com' }
  const first = await world.plan('room', 0, 3_600, ofHost)
  const second = await world.plan('room', 3, 3_600, ofHost)
  world.startWorker()
  const stateOf = async ({ id }: Meeting) => (await world.bots()).find(({ meetingId }) => meetingId === id)?.state
  await until(
    () => stateOf(first),
    (state) => state === 'post_processing',
  )
  await refuseBot({ ...world.app.reconcile, db: world.app.db }, { meetingId: first.id, by: 'ana@example.com' })
  await until(
    () => stateOf(first),
    (state) => state === 'ended',
  )
  expect(await stateOf(second)).toBe('joined_recording')
  expect(world.rooms.visits).toHaveLength(1)
})

test('the next meeting in a room is left to its job until it is near, however often the worker looks', async () => {
  await using world = await createAttendanceWorld()
  const first = await world.plan('room', 0, 3_600)
  const next = await world.plan('room', 3_605, 7_200)
  const others = [await world.plan('other', 0, 3_600), await world.plan('another', 0, 3_600)]
  world.startWorker()
  const stateOf = async ({ id }: Meeting) => (await world.bots()).find(({ meetingId }) => meetingId === id)?.state
  for (const meeting of [first, ...others])
    await until(
      () => stateOf(meeting),
      (state) => state === 'joined_recording',
    )
  // Whatever is asked of a bot makes the worker look at all of them.
  for (const meeting of others) {
    await refuseBot({ ...world.app.reconcile, db: world.app.db }, { meetingId: meeting.id, by: 'ana@example.com' })
    await until(
      () => stateOf(meeting),
      (state) => state === 'ended',
    )
  }
  expect(await world.eventsOf(next.id)).toEqual([])
  expect(await stateOf(next)).toBe('scheduled')
})

test('a stop in the second in which the job becomes active is obeyed, at whatever moment it comes', async () => {
  await using world = await createAttendanceWorld()
  world.startWorker()
  const meetings = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const meeting = await world.plan(`stop-${i}`, 0.5, 3_600)
      await new Promise((resolve) => setTimeout(resolve, i * 70))
      await refuseBot({ ...world.app.reconcile, db: world.app.db }, { meetingId: meeting.id, by: 'ana@example.com' })
      return meeting
    }),
  )
  await until(world.bots, (bots) => bots.length === 12 && bots.every(isOver))
  await until(world.liveJobs, (count) => count === 0)
  expect(meetings.flatMap(({ meetingUrl }) => world.rooms.present(meetingUrl))).toEqual([])
  expect((await world.bots()).every(({ outcome }) => outcome === 'cancelled' || outcome === 'stopped')).toBe(true)
})

test('a worker that hands over leaves first, and the other is there within seconds; its own plans go back to the queue', async () => {
  await using world = await createAttendanceWorld({ hasSound: true })
  const old = world.startWorker()
  const now = await world.plan('deploy', 0, 3_600)
  const soon = await world.plan('soon', 40, 3_600)
  await until(
    () => world.rooms.present(world.urlOf('deploy')),
    (present) => present.length === 1,
  )
  await until(world.bots, (bots) => bots.some(({ meetingId, state }) => meetingId === soon.id && state === 'staged'))

  const next = world.startWorker()
  await old.handOver()
  await until(
    () => world.rooms.present(world.urlOf('deploy')),
    (present) => present.length === 1,
  )

  expect(world.rooms.peak(world.urlOf('deploy'))).toBe(1)
  const [first, second] = world.rooms.visits.filter(({ url }) => url === world.urlOf('deploy'))
  expect((second?.cameAt.getTime() ?? 0) - (first?.leftAt?.getTime() ?? 0)).toBeLessThan(15_000)
  const events = await until(
    () => world.eventsOf(now.id),
    (all) => all.length === 9,
  )
  const attempt = ['staged', 'join_requested', 'joined_meeting']
  const end = ['leave_requested: handed_over', 'left_meeting', 'post_processing_completed']
  expect(events).toEqual([...attempt, ...end, ...attempt])
  await until(world.bots, (bots) => bots.some(({ meetingId, state }) => meetingId === soon.id && state === 'staged'))
  const held = await world.app.db.selectFrom('bot').select('holder').where('meetingId', '=', soon.id).execute()
  expect(held).toEqual([{ holder: next.workerId }])
})

test('a bot that was ordered from a server and is handed over before it begins stays ordered, and is taken back there when its meeting is refused', async () => {
  await using world = await createAttendanceWorld({ runnerOf: () => 'attendee' })
  const server = new Set<string>()
  const attendee: Runner = {
    async sit({ botId }) {
      server.add(botId)
      const { promise, resolve } = Promise.withResolvers<void>()
      const leave = () => {
        server.delete(botId)
        resolve()
      }
      return { done: promise, leave, abandon: resolve, update() {}, confirmLease() {} }
    },
    async [Symbol.asyncDispose]() {},
  }
  const meeting = await world.plan('remote', 100, 3_600)
  const old = world.startWorker({ runners: { attendee } })
  await until(
    async () => server.size,
    (size) => size === 1,
  )
  await old.handOver()
  expect(await world.bots()).toMatchObject([{ state: 'staged' }])
  await refuseBot({ ...world.app.reconcile, db: world.app.db }, { meetingId: meeting.id, by: 'ana@example.com' })
  expect(await world.bots()).toMatchObject([{ state: 'staged' }])
  world.startWorker({ runners: { attendee } })
  await until(world.bots, (bots) => bots.every(isOver))
  expect([...server]).toEqual([])
  await until(world.liveJobs, (count) => count === 0)
})

test('a new link in the middle of a meeting: the bot stays in the old room until two minutes after another is in the new one', async () => {
  await using world = await createAttendanceWorld({ hasSound: true })
  const { db, reconcile, clock } = world.app
  let aheadMs = 0
  world.startWorker({ clock: { now: () => new Date(clock.now().getTime() + aheadMs) } })
  const meeting = await world.plan('old', 0, 3_600)
  await until(world.bots, (bots) => bots.some(({ state }) => state === 'joined_recording'))
  const url = world.urlOf('new')
  const moved: Meeting = { ...meeting, roomId: url, roomKey: `sandbox:${url}`, meetingUrl: url }
  await inTransaction(db, async (trx) => {
    await writeMeetings(trx, [moved], new Map(), { now: clock.now(), origin: 'calendar' })
    await reconcile.planned(trx, [moved], 'calendar')
  })
  await until(world.bots, (bots) => bots.filter(({ state }) => state === 'joined_recording').length === 2)
  expect(world.rooms.present(world.urlOf('old'))).toHaveLength(1)
  expect(world.rooms.present(url)).toHaveLength(1)

  aheadMs = LINGER_MS + 1_000
  await until(world.bots, ([old]) => old !== undefined && isOver(old))
  expect(world.rooms.present(world.urlOf('old'))).toEqual([])
  expect(world.rooms.present(url)).toHaveLength(1)
  expect(await world.bots()).toMatchObject([
    { state: 'ended', outcome: 'served' },
    { state: 'joined_recording', outcome: null },
  ])
  expect(await world.eventsOf(meeting.id)).toContain('leave_requested: relieved')
  // What is still recorded is not made into a file.
  const parts = await until(
    () => readParts(db, meeting.id),
    ({ length }) => length === 2,
  )
  expect(parts).toMatchObject([{ endedMs: expect.any(Number) }, { endedMs: null }])
  const { state } = await db
    .selectFrom('transcript')
    .select('state')
    .where('meetingId', '=', meeting.id)
    .executeTakeFirstOrThrow()
  expect(state).toBe('live')
})

test('what cannot be launched is tried again with growing pauses and ends with its reason', async () => {
  await using world = await createAttendanceWorld()
  world.rooms.failure = new Error('No browser here')
  world.startWorker()
  const meeting = await world.plan('broken', 0, 3_600)
  await until(world.bots, (bots) => bots.filter(isOver).length === 3)
  world.rooms.failure = undefined
  await until(
    () => world.rooms.present(world.urlOf('broken')),
    (present) => present.length === 1,
  )
  const events = await world.eventsOf(meeting.id)
  expect(events.filter((event) => event === 'fatal_error: launch_failed').length).toBeGreaterThanOrEqual(3)
  expect(world.rooms.visits).toHaveLength(1)
})

test('a meeting is joined late while as much of it remains as LATE_JOIN_MIN says', async () => {
  await using world = await createAttendanceWorld({ env: { LATE_JOIN_MIN: '30' } })
  await world.plan('too late', -3_600, 20 * 60)
  expect(await world.bots()).toEqual([])
  await world.plan('late', -3_600, 40 * 60)
  expect(await world.bots()).toHaveLength(1)
})

test('a bot without a job gets one, a bot nobody holds any more has another attempt, and a missed meeting ends with a reason', async () => {
  await using world = await createAttendanceWorld()
  const { db, queue } = world.app
  const [lost, begun, missed] = [
    await world.plan('lost', 0, 3_600),
    await world.plan('begun', 0, 3_600),
    await world.plan('missed', -300, 3_600),
  ]
  const forget = async () => void (await queue.boss.deleteAllJobs('attend-meeting'))
  await forget()
  await db.updateTable('bot').set({ state: 'joined_recording' }).where('meetingId', '=', begun.id).execute()
  // Planned in time, and its end is two minutes away by now.
  const endsAt = new Date(Date.now() + 60_000)
  await db.updateTable('meeting').set({ endsAt }).where('id', '=', missed.id).execute()
  await db.updateTable('bot').set({ createdAt: missed.startsAt }).where('meetingId', '=', missed.id).execute()

  expect(await superviseBots(world.app.supervise)).toBe(3)
  expect(await world.eventsOf(missed.id)).toEqual(['fatal_error: no_worker'])
  expect(await superviseBots(world.app.supervise)).toBe(0)
  world.startWorker()
  await until(
    () => world.rooms.visits.length,
    (count) => count === 2,
  )
  const events = await until(
    () => world.eventsOf(lost.id),
    (all) => all.length === 3,
  )
  expect(events).toEqual(['staged', 'join_requested', 'joined_meeting'])
  expect((await world.eventsOf(begun.id)).slice(0, 2)).toEqual(['fatal_error: process_terminated', 'staged'])
})
