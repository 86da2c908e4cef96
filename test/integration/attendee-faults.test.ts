import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiFaultKind } from '../../sandbox/attendee/faults.ts'
import { systemClock } from '../../src/base/clock.ts'
import { systemTimers } from '../../src/base/timers.ts'
import type { Runner } from '../../src/features/attendance/index.ts'
import { SittingWriter } from '../../src/features/attendance/writing/sitting-writer.ts'
import { type Bot, listBotEvents } from '../../src/features/bots/index.ts'
import { type AttendeeWorld, createAttendeeWorld, type WatchedBot, watchSeat } from '../support/attendee-world.ts'

let world: AttendeeWorld
let rooms = 0

beforeAll(async () => {
  world = await createAttendeeWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

type Step =
  | { kind: 'fault'; fault: ApiFaultKind; on: 'GET' | 'POST'; times: number }
  /** The worker is gone without a word, and another one has the job. */
  | { kind: 'crash' }
  /** The server has answered so many more requests. */
  | { kind: 'requests'; count: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('fault' as const),
    fault: fc.constantFrom<ApiFaultKind>('down', 'done_unanswered', 'html', 429, 500, 503),
    on: fc.constantFrom('GET' as const, 'POST' as const),
    times: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({ kind: fc.constant('crash' as const) }),
  fc.record({ kind: fc.constant('requests' as const), count: fc.integer({ min: 1, max: 4 }) }),
)

test('whatever fails and however often workers are lost, a room has one bot of ours, and its story is told once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 7 }), fc.constantFrom('end', 'leave'), async (steps, ending) => {
      const name = `faults-${rooms++}`
      const url = `${world.sandbox.origin}/rooms/${name}`
      const room = world.sandbox.rooms.room(name)
      const { bot, meeting } = await world.claim(url)
      let worker = await startWorker(bot, url)
      for (const one of steps) {
        if (one.kind === 'fault')
          world.attendee.order({ kind: one.fault, on: one.on, times: one.times, retryAfterSeconds: 0 })
        else if (one.kind === 'crash') {
          const next = await world.claimAgain(meeting)
          void worker.lose()
          worker = await startWorker(next, url)
        } else {
          const from = world.attendee.requests.length
          await expect
            .poll(() => world.attendee.requests.length - from, { interval: 5 })
            .toBeGreaterThanOrEqual(one.count)
        }
      }
      world.attendee.mend()
      if (ending === 'end') {
        await world.attendee.until(() => botsFor(url).some(({ state }) => state === 'joined_recording'))
        room.end()
      } else worker.watched.seat.leave('user_requested')
      await worker.watched.seat.done
      await worker.writer.finish()
      await worker.lose()

      expect(room.wereEverPresentAtOnce(() => true)).toBe(false)
      expect(room.visits.length).toBeLessThanOrEqual(1)
      expect(room.participants()).toEqual([])
      expect(botsFor(url).length).toBeLessThanOrEqual(1)
      const events = await listBotEvents(world.testApp.app.db, meeting.id, 1_000)
      const told = events.map(({ type }) => type)
      expect(told).toEqual([...new Set(told)])
      // Who never asked for entry has nothing to leave.
      const rests = told.includes('join_requested') ? 'post_processing' : 'staged'
      expect(events.at(-1)?.newState).toBe(rests)
    }),
    { numRuns: 12, endOnFailure: true },
  )
}, 60_000)

const botsFor = (url: string) => world.attendee.bots().filter(({ order }) => order.meetingUrl === url)

/** A worker with one seat, which writes what its bot tells as a real one does. */
async function startWorker(bot: Bot, url: string) {
  const runner: Runner = world.openRunner({ timeoutMs: 150 })
  const { db, queue, log } = world.testApp.app
  const writer = new SittingWriter({ db, queue, clock: systemClock, timers: systemTimers, log, voices: undefined }, bot)
  // What a worker that lost its bot still says is refused by the fence.
  const watched: WatchedBot = await watchSeat(runner, bot, url, {}, (event) => void writer.apply(event).catch(() => {}))
  return { watched, writer, lose: () => runner[Symbol.asyncDispose]() }
}
