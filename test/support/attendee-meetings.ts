import { expect } from 'vitest'
import type { AttendeeOptions } from '../../sandbox/attendee/start-attendee.ts'
import { startWorker } from '../../src/app.ts'
import { newId } from '../../src/base/ids.ts'
import { Resources } from '../../src/base/resources.ts'
import { Attendance } from '../../src/features/attendance/attendance.ts'
import { askForBot, wantBot } from '../../src/features/meetings/index.ts'
import { readTranscript } from '../../src/features/transcripts/index.ts'
import { settleMeeting } from '../../src/pipeline.ts'
import { createAttendeeWorld } from './attendee-world.ts'

export type AttendeeMeetings = Awaited<ReturnType<typeof createAttendeeMeetings>>

/** The whole product with a worker whose meetings a stand-in Attendee server attends. */
export async function createAttendeeMeetings(options: Partial<AttendeeOptions> = {}) {
  const resources = new Resources()
  const world = resources.use(await createAttendeeWorld(options))
  const { app } = world.testApp
  resources.use(await startWorker(app))
  const runner = world.openRunner()
  const { db, queue, clock, log } = app
  resources.use(
    new Attendance({
      db,
      queue,
      clock,
      log,
      voices: undefined,
      runners: { attendee: runner },
      capacity: 20,
      total: 20,
      botName: 'Notes',
      otherBotNames: [],
      chatLine: 'This meeting is transcribed.',
      signals: app.signals,
      settled: (trx, meeting) => settleMeeting(app, trx, meeting),
      close: async () => runner[Symbol.asyncDispose](),
    }),
  )
  let rooms = 0

  /** A meeting that takes place now, and a bot sent to it. */
  async function send(prepare: (room: ReturnType<typeof roomOf>) => void = () => {}) {
    const name = `meeting-${rooms++}`
    const url = `${world.sandbox.origin}/rooms/${name}`
    const room = roomOf(name)
    prepare(room)
    const { id } = await askForBot(
      { ...app.reconcile, db },
      { room: { platform: 'sandbox', roomId: url, url }, by: 'a test' },
    )
    const bots = () =>
      db
        .selectFrom('bot')
        .select(['id', 'state', 'runner', 'outcome'])
        .where('meetingId', '=', id)
        .orderBy('createdAt')
        .execute()
    const remote = () => world.attendee.bots().filter(({ order }) => order.meetingUrl === url)
    const becomes = (...states: string[]) =>
      expect.poll(async () => (await bots()).map(({ state }) => state), { interval: 20 }).toEqual(states)
    return { id, url, room, bots, remote, becomes }
  }
  const roomOf = (name: string) => world.sandbox.rooms.room(name)

  return {
    world,
    app,
    send,
    /** The same, with the bot in the room. */
    async attend() {
      const meeting = await send()
      await world.attendee.until(() => meeting.remote().some(({ state }) => state === 'joined_recording'))
      await meeting.becomes('joined_recording')
      return meeting
    },
    /** Has a meeting be over by now, and one of the same organiser begin in its room, with a bot. */
    async followBy(id: string) {
      const over = { startsAt: new Date(Date.now() - 7_200_000), endsAt: new Date(Date.now() - 1_200_000) }
      const ofHost = { provenOrganizer: 'host@example.com' }
      await db
        .updateTable('meeting')
        .set({ ...over, ...ofHost })
        .where('id', '=', id)
        .execute()
      await db.updateTable('bot').set({ joinAt: over.startsAt }).where('meetingId', '=', id).execute()
      const nextId = newId()
      const earlier = await db.selectFrom('meeting').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      const { reasonDetail: _, ...copied } = earlier
      const now = new Date()
      const later = { id: nextId, uid: nextId, startsAt: now, endsAt: new Date(now.getTime() + 3_600_000) }
      await db
        .insertInto('meeting')
        .values({ ...copied, ...later, reasonDetail: '{}', standing: '[]', ownVerdict: null, wish: null })
        .execute()
      await wantBot({ ...app.reconcile, db }, { meetingId: nextId, by: 'a test' })
    },
    /** The transcript once nothing more is expected of it. */
    async settled(id: string) {
      const read = () => readTranscript(db, id)
      await expect.poll(async () => (await read())?.finishedAt ?? null, { interval: 20 }).not.toBeNull()
      return read()
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}
