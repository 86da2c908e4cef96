import { afterAll, beforeAll, expect, test } from 'vitest'
import { newBotId } from '../../src/base/ids.ts'
import { MINUTE_MS } from '../../src/base/time.ts'
import { takeSeats } from '../../src/features/attendance/capacity/take-seats.ts'
import { superviseBots } from '../../src/features/attendance/index.ts'
import type { Meeting } from '../../src/features/meetings/index.ts'
import { type AttendanceWorld, createAttendanceWorld } from '../support/attendance-world.ts'
import { until } from '../support/until.ts'

let world: AttendanceWorld
beforeAll(async () => {
  world = await createAttendanceWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A meeting that began ten minutes ago, whose bot stands at the door and belongs to nobody. */
async function losesItsBot(name: string): Promise<Meeting> {
  const meeting = await world.plan(name, -600, 3_600)
  await world.app.queue.boss.deleteAllJobs('attend-meeting')
  await world.app.db.updateTable('bot').set({ state: 'joining' }).where('meetingId', '=', meeting.id).execute()
  return meeting
}

/** Earlier bots of a meeting that never came into the room. */
async function fruitless(
  meeting: Meeting,
  count: number,
  at: { startsAt?: Date; roomKey?: string; endedAt?: Date },
): Promise<void> {
  const joinAt = at.startsAt ?? meeting.startsAt
  await world.app.db
    .insertInto('bot')
    .values(
      Array.from({ length: count }, (_, index) => ({
        id: newBotId(),
        meetingId: meeting.id,
        roomKey: at.roomKey ?? meeting.roomKey,
        runner: 'browser' as const,
        state: 'fatal_error' as const,
        outcome: 'infrastructure' as const,
        joinAt,
        attendsAt: joinAt,
        createdAt: new Date(joinAt.getTime() - 60 * MINUTE_MS + index),
        stateAt: at.endedAt ?? joinAt,
      })),
    )
    .execute()
}

/** The states of a meeting's bots after everything was looked after, newest last. */
async function afterSupervising(meeting: Meeting): Promise<string[]> {
  await superviseBots(world.app.supervise)
  const bots = await world.bots()
  return bots.filter(({ meetingId }) => meetingId === meeting.id).map(({ state }) => state)
}

test('a bot that is lost after five attempts in vain at its meeting has no successor: the sixth was the last', async () => {
  const meeting = await losesItsBot('here')
  await fruitless(meeting, 5, {})
  expect(await afterSupervising(meeting)).not.toContain('scheduled')
})

test.each([
  ['before it moved to this time', { startsAt: new Date(Date.now() - 180 * MINUTE_MS) }],
  ['before it moved to this earlier time', { startsAt: new Date(Date.now() + 20 * MINUTE_MS), endedAt: new Date() }],
  ['in the room where it was before', { roomKey: 'sandbox:elsewhere' }],
])('attempts in vain at a meeting %s are not counted where it is now', async (why, where) => {
  const meeting = await losesItsBot(why)
  await fruitless(meeting, 30, where)
  expect(await afterSupervising(meeting)).toContain('scheduled')
})

test('a bot under which its meeting moved by five minutes has a successor when it is lost', async () => {
  const meeting = await losesItsBot('moved under it')
  const startsAt = new Date(meeting.startsAt.getTime() + 5 * MINUTE_MS)
  await world.app.db.updateTable('meeting').set({ startsAt }).where('id', '=', meeting.id).execute()
  expect(await afterSupervising(meeting)).toEqual(['fatal_error', 'scheduled'])
})

test.each([
  ['before its meeting moved to this time has a successor at once, not at the next sweep', 5, ['ended', 'scheduled']],
  ['at the time that its meeting has has none', 0, ['ended']],
])('a bot that came %s when all have left', async (why, minutes, states) => {
  const meeting = await losesItsBot(why)
  const startsAt = new Date(meeting.startsAt.getTime() + minutes * MINUTE_MS)
  await world.app.db.updateTable('meeting').set({ startsAt }).where('id', '=', meeting.id).execute()
  await world.app.db
    .updateTable('bot')
    .set({ state: 'post_processing', outcome: 'served' })
    .where('meetingId', '=', meeting.id)
    .execute()
  expect(await afterSupervising(meeting)).toEqual(states)
})

test('a bot that lingers in the old room and is lost there brings nobody back into the room that its successor has left', async () => {
  const meeting = await losesItsBot('lingers')
  await world.app.db
    .updateTable('bot')
    .set({ wanted: 'linger', roomKey: 'sandbox:the old one' })
    .where('meetingId', '=', meeting.id)
    .execute()
  await world.app.db
    .insertInto('bot')
    .values({
      id: newBotId(),
      meetingId: meeting.id,
      roomKey: meeting.roomKey,
      runner: 'browser',
      state: 'ended',
      outcome: 'served',
      joinAt: meeting.startsAt,
      attendsAt: meeting.startsAt,
      stateAt: meeting.startsAt,
      createdAt: new Date(meeting.startsAt.getTime() - MINUTE_MS),
    })
    .execute()
  expect(await afterSupervising(meeting)).not.toContain('scheduled')
})

test.each(['no_capacity', 'not_launched'])(
  'a bot that nobody launched (%s) has a successor while its meeting runs, and none when that is over',
  async (outcome) => {
    const [runs, over] = [await losesItsBot(`${outcome} runs`), await losesItsBot(`${outcome} over`)]
    for (const { id } of [runs, over])
      await world.app.db.updateTable('bot').set({ state: 'fatal_error', outcome }).where('meetingId', '=', id).execute()
    await world.app.db.updateTable('meeting').set({ endsAt: new Date() }).where('id', '=', over.id).execute()
    expect(await afterSupervising(runs)).toEqual(['fatal_error', 'scheduled'])
    expect(await afterSupervising(over)).toEqual(['fatal_error'])
  },
)

test('a bot past its deadline whose seat is held loses its fence at once, and is followed only when nobody holds its job: it may be in the room', async () => {
  const meeting = await world.plan('held', -600, 3_600)
  const { jobId } = await world.app.db
    .selectFrom('bot')
    .select('jobId')
    .where('meetingId', '=', meeting.id)
    .executeTakeFirstOrThrow()
  await until(
    () => takeSeats({ ...world.app, total: 100 }, 100),
    (taken) => taken.some(({ id }) => id === jobId),
  )
  await world.app.db
    .updateTable('bot')
    .set({ state: 'joining', stateAt: new Date(Date.now() - 20 * MINUTE_MS), holder: 'somebody' })
    .where('meetingId', '=', meeting.id)
    .execute()
  expect(await afterSupervising(meeting)).toEqual(['joining'])
  const { fence } = await world.app.db
    .selectFrom('bot')
    .select('fence')
    .where('meetingId', '=', meeting.id)
    .executeTakeFirstOrThrow()
  // The queue's own job may have looked after it as well.
  expect(fence).toBeGreaterThan(0)
  await world.app.queue.boss.deleteAllJobs('attend-meeting')
  expect(await afterSupervising(meeting)).toEqual(['fatal_error', 'scheduled'])
})
