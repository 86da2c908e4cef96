import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Resources } from '../../src/base/resources.ts'
import { Attendance } from '../../src/entrypoints/worker/attendance.ts'
import { listMissingMedia } from '../../src/features/bots/index.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { settleMeeting } from '../../src/pipeline.ts'
import { type AttendeeWorld, createAttendeeWorld, seatGuest } from '../support/attendee-world.ts'

describe('What an Attendee server does not do for us', () => {
  let resources: Resources
  let world: AttendeeWorld
  let rooms = 0

  beforeAll(async () => {
    resources = new Resources()
    world = resources.use(await createAttendeeWorld({ storageHost: '127.0.0.2' }))
  })
  afterEach(() => world.attendee.mend())
  afterAll(() => resources[Symbol.asyncDispose]())

  /** A worker of which a meeting wants a bot. */
  function startWorker(storageHosts: readonly string[] = []) {
    const { app } = world.testApp
    const runner = world.openRunner({ storageHosts })
    return new Attendance({
      ...app,
      voices: undefined,
      runners: { attendee: runner },
      capacity: 20,
      total: 20,
      botName: 'Notes 🤖',
      chatLine: 'This is written down 🎙️',
      settled: (trx, meeting) => settleMeeting(app, trx, meeting),
      close: async () => runner[Symbol.asyncDispose](),
    })
  }

  async function send() {
    const name = `refusals-${rooms++}`
    const url = `${world.sandbox.origin}/rooms/${name}`
    const { app } = world.testApp
    const room = { platform: 'sandbox' as const, roomId: url, url }
    const { id } = await askForBot({ ...app.reconcile, db: app.db }, { room, by: 'a test' })
    const bots = () => app.db.selectFrom('bot').selectAll().where('meetingId', '=', id).orderBy('createdAt').execute()
    const remote = () => world.attendee.bots().filter(({ order }) => order.meetingUrl === url)
    return { id, url, room: world.sandbox.rooms.room(name), bots, remote }
  }

  /** A meeting that was held to its end, with somebody in it. */
  async function hold() {
    const meeting = await send()
    await world.attendee.until(() => meeting.remote().some(({ state }) => state === 'joined_recording'))
    await seatGuest(meeting.url, 'Ana')
    meeting.room.end()
    await expect
      .poll(async () => (await meeting.bots()).map(({ state }) => state), { interval: 20, timeout: 20_000 })
      .toEqual(['ended'])
    return meeting
  }

  const storageHost = async (id: string) =>
    (await listMissingMedia(world.testApp.app.db, { meetingId: id }, 10)).map(({ code, host, message }) => ({
      code,
      host,
      message,
    }))

  test('emoji in its name and its line keep no bot away: the server gets them without', async () => {
    await using _worker = startWorker()
    const { remote, room } = await hold()
    expect(remote().map(({ order }) => order.botName)).toEqual(['Notes'])
    expect(room.chat.map(({ text }) => text)).toEqual(['This is written down'])
  })

  test('a recording at a private host is missed under that host’s name, and fetched where the host is named', async () => {
    let host: string | null | undefined
    {
      await using _worker = startWorker()
      const { id } = await hold()
      const [missing, ...others] = await storageHost(id)
      host = missing?.host
      expect(host).toMatch(/^127\.0\.0\.2:\d+$/)
      expect([missing, others]).toMatchObject([
        {
          code: 'attendee_media_private',
          message: `The recording lies at ${host}, a private address: add it to ATTENDEE_STORAGE_HOSTS.`,
        },
        [],
      ])
    }
    await using _worker = startWorker([host ?? ''])
    const { id } = await hold()
    expect(await storageHost(id)).toEqual([])
    expect(
      await world.testApp.app.db.selectFrom('recording').selectAll().where('meetingId', '=', id).execute(),
    ).toEqual([expect.objectContaining({ contentType: 'audio/mpeg' })])
  })
})
