import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { superviseBots, sweepAttendeeBotsJob } from '../../src/features/attendance/index.ts'
import { countNotGone, listBots } from '../../src/features/bots/index.ts'
import { refuseBot } from '../../src/features/meetings/index.ts'
import { sendJobsNow } from '../../src/platform/jobs/index.ts'
import { type AttendeeMeetings, createAttendeeMeetings } from '../support/attendee-meetings.ts'

/** More than joining may take, with lobby and host. */
const AGES_MS = 3_600_000

describe('A server’s bot that we have given up', () => {
  let meetings: AttendeeMeetings

  beforeAll(async () => {
    // Leaving takes a while, so that somebody who does not wait for it would be seen.
    meetings = await createAttendeeMeetings({ pace: { leavingMs: 400 } })
  })
  afterEach(() => meetings.world.attendee.mend())
  afterAll(() => meetings[Symbol.asyncDispose]())

  /** A meeting whose bot waits in the lobby, which with most platforms is joining. */
  async function inLobby() {
    const { attendee } = meetings.world
    const meeting = await meetings.send((room) => {
      room.lobby = true
    })
    await meeting.room.until(({ waiting }) => waiting().length === 1)
    await meeting.becomes('joining')
    expect(attendee.bots().find(({ order }) => order.meetingUrl === meeting.url)?.state).toBe('joining')
    return meeting
  }

  const age = (id: string, ms: number) =>
    meetings.app.db
      .updateTable('bot')
      .set({ stateAt: new Date(Date.now() - ms) })
      .where('meetingId', '=', id)
      .execute()

  test('waits in its lobby for as long as the server was told, and no second one comes', async () => {
    const { id, room, bots, remote, becomes } = await inLobby()
    await age(id, 20 * 60_000)
    await superviseBots(meetings.app.supervise)
    expect((await bots()).map(({ state }) => state)).toEqual(['joining'])
    room.admit(room.waiting()[0]?.id ?? '')
    await becomes('joined_recording')
    expect(remote()).toHaveLength(1)
    room.end()
  })

  test('is told to leave, and the next attempt comes when the server says that it is gone', async () => {
    const { id, room, remote, bots } = await inLobby()
    await age(id, AGES_MS)
    await superviseBots(meetings.app.supervise)
    expect((await bots()).map(({ state }) => state)[0]).toBe('fatal_error')
    await room.until(({ visits }) => visits.length === 2)
    const [first, second] = remote()
    expect(first?.events.map(({ type }) => type)).toContain('leave_requested')
    const goneAt = Date.parse(first?.events.find(({ type }) => type === 'left_meeting')?.createdAt ?? '')
    expect(Date.parse(second?.events[0]?.createdAt ?? '')).toBeGreaterThanOrEqual(goneAt)
    expect(room.waiting().filter(({ joinedAs }) => joinedAs === 'Notes')).toHaveLength(1)
    room.end()
  })

  test.each(['known', 'not known'])('is found and sent away where its id is %s', async (what) => {
    const { attendee } = meetings.world
    const { id, room, remote, bots } = await inLobby()
    const { db } = meetings.app
    const [bot] = await bots()
    // Nobody follows it any more, and nothing is left of it but its row.
    attendee.order({ kind: 'down' })
    await refuseBot({ ...meetings.app.reconcile, db }, { meetingId: id, by: 'a test' })
    await age(id, AGES_MS)
    await db.updateTable('bot').set({ state: 'fatal_error', fence: 99 }).where('meetingId', '=', id).execute()
    if (what === 'not known')
      await db
        .updateTable('attendeeBot')
        .set({ remoteId: null })
        .where('botId', '=', bot?.id ?? '')
        .execute()
    expect(await countNotGone(db, id)).toBe(1)
    const mayBeInRoom = async () => (await listBots(db, [id])).map((one) => one.mayBeInRoom)
    expect(await mayBeInRoom()).toEqual([true])
    attendee.mend()
    await sendJobsNow(meetings.app.queue, [{ job: sweepAttendeeBotsJob, payload: {} }])
    await room.until(({ waiting }) => waiting().length === 0)
    await expect.poll(() => countNotGone(db, id)).toBe(0)
    expect(remote()[0]?.events.map(({ type }) => type)).toContain('leave_requested')
    expect(await mayBeInRoom()).toEqual([false])
  })

  test('leaves its lobby when a person says no', async () => {
    const { id, room, becomes } = await inLobby()
    await refuseBot({ ...meetings.app.reconcile, db: meetings.app.db }, { meetingId: id, by: 'a test' })
    await room.until(({ waiting }) => waiting().length === 0)
    await becomes('ended')
    await expect.poll(() => countNotGone(meetings.app.db, id)).toBe(0)
    expect(room.visits).toHaveLength(1)
  })
})
