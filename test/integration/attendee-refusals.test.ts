import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startWorker as startJobs } from '../../src/app.ts'
import { Resources } from '../../src/base/resources.ts'
import { createAttendeePages } from '../../src/entrypoints/cli/attendee-pages.ts'
import { Attendance } from '../../src/features/attendance/attendance.ts'
import { hurryRefused, sweepAttendeeBotsJob } from '../../src/features/attendance/index.ts'
import { listMissingMedia } from '../../src/features/bots/index.ts'
import { askForBot } from '../../src/features/meetings/index.ts'
import { settleMeeting } from '../../src/pipeline.ts'
import { sendJobsNow } from '../../src/platform/jobs/index.ts'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { type AttendeeWorld, createAttendeeWorld, seatGuest } from '../support/attendee-world.ts'
import { startTestWeb } from '../support/web.ts'

type App = AttendeeWorld['testApp']['app']

function server({ attendee }: App): NonNullable<App['attendee']> {
  if (!attendee) throw new Error('There is no Attendee server')
  return attendee
}

const textOf = (body: string) =>
  body
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')

async function signInAt({ db, clock }: App): Promise<{ token: string }> {
  const session = await redeemSignInLink(db, clock, await createSignInLink(db, clock, { email: null, isAdmin: true }))
  if (typeof session === 'string') throw new Error(`The link is ${session}`)
  return session
}

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
  function startWorker() {
    const { app } = world.testApp
    const runner = world.openRunner()
    return new Attendance({
      ...app,
      voices: undefined,
      runners: { attendee: runner },
      capacity: 20,
      total: 20,
      botName: 'Notes 🤖',
      otherBotNames: [],
      chatLine: 'This is written down 🎙️',
      settled: (trx, meeting) => settleMeeting(app, trx, meeting),
      close: async () => runner[Symbol.asyncDispose](),
    })
  }

  /** A meeting that somebody sends a bot to; `before` is told what its link looks like. */
  async function send(before: (link: RegExp) => void = () => {}) {
    const name = `refusals-${rooms++}`
    const url = `${world.sandbox.origin}/rooms/${name}`
    before(new RegExp(`/rooms/${name}$`))
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
    await expect.poll(async () => (await meeting.bots()).map(({ state }) => state), { interval: 20 }).toEqual(['ended'])
    return meeting
  }

  /** The text of a page, as an administrator sees it. */
  async function openPages() {
    const { app } = world.testApp
    const web = await startTestWeb({
      db: app.db,
      clock: app.clock,
      attendee: createAttendeePages(app),
      links: app.links,
    })
    const { token } = await signInAt(app)
    const read = async (path: string) => textOf((await web.ask(path, { session: token })).body)
    const press = (path: string) => web.submit(path, token)
    return Object.assign(web, { read, press })
  }

  const ends = async ({ bots }: { bots(): Promise<{ state: string; outcome: string | null }[]> }) =>
    (await bots()).map(({ outcome, state }) => outcome ?? state)

  test('a refusal for good stands on the meeting’s page and on Problems, with the server’s words and what to do', async () => {
    await using _worker = startWorker()
    await using pages = await openPages()
    const meeting = await send((link) => world.attendee.refuse('unknown_link', link))
    await expect.poll(() => ends(meeting), { interval: 20 }).toEqual(['order_refused'])
    const words = /refused to send a bot\. “meeting_url: Invalid meeting URL” The Attendee server takes no such link/
    const page = await pages.read(`/dashboard/meetings/${meeting.id}/`)
    expect(page).toMatch(words)
    expect(page).not.toContain(world.attendee.apiKey)
    const problems = await pages.read('/dashboard/problems/')
    expect(problems).toMatch(words)
    expect(problems).toContain('1 meeting refused')
  })

  test('what a project lacks is said while the meeting is tried again, and a trial that finds it mended has it tried at once', async () => {
    await using _worker = startWorker()
    await using pages = await openPages()
    const meeting = await send((link) => world.attendee.refuse('no_zoom_app', link))
    // At once, and then a minute later.
    await expect.poll(() => ends(meeting), { interval: 20 }).toEqual(['not_launched', 'not_launched', 'scheduled'])
    const page = await pages.read(`/dashboard/meetings/${meeting.id}/`)
    expect(page).toMatch(/“Zoom App credentials are required.*” Set the Zoom app’s credentials .* It is tried again\./)
    // A trial tries platforms of the world outside.
    await world.testApp.app.db.updateTable('meeting').set({ platform: 'zoom' }).where('id', '=', meeting.id).execute()
    world.attendee.mend()
    expect((await pages.press('/dashboard/problems/try-attendee/')).status).toBe(303)
    await world.attendee.until(() => meeting.remote().some(({ state }) => state === 'joined_recording'))
    await expect.poll(() => ends(meeting), { interval: 20 }).toContain('joined_recording')
    const problems = await pages.read('/dashboard/problems/')
    expect(problems).not.toContain('Zoom App credentials')
    expect(problems).toMatch(/Google Meet It would send a bot\. .* Zoom It would send a bot\./)
    meeting.room.end()
  })

  test('a key that was refused is tried again at once by whoever starts with another one', async () => {
    await using _worker = startWorker()
    world.attendee.order({ kind: 401, on: 'POST' })
    const meeting = await send()
    await expect.poll(() => ends(meeting), { interval: 20 }).toEqual(['not_launched', 'not_launched', 'scheduled'])
    world.attendee.mend()
    expect(await hurryRefused(world.testApp.app.supervise, ['sandbox'])).toBe(1)
    await expect.poll(() => ends(meeting), { interval: 20 }).toContain('joined_recording')
    meeting.room.end()
  })

  test('emoji in its name and its line keep no bot away: the server gets them without', async () => {
    await using _worker = startWorker()
    const { remote, room } = await hold()
    expect(remote().map(({ order }) => order.botName)).toEqual(['Notes'])
    expect(room.chat.map(({ text }) => text)).toEqual(['This is written down'])
  })

  test('a recording at a private host is said to be missing under that host’s name, and fetched once the host is named', async () => {
    await using _worker = startWorker()
    await using pages = await openPages()
    const { app } = world.testApp
    const { id } = await hold()
    const missing = () => listMissingMedia(app.db, { meetingId: id }, 10)
    let host = ''
    {
      await using _jobs = await startJobs(app)
      await expect.poll(missing, { interval: 20 }).toHaveLength(1)
      const [found] = await missing()
      host = found?.host ?? ''
      expect(found?.code).toBe('attendee_media_private')
      expect(host).toMatch(/^127\.0\.0\.2:\d+$/)
      // The run that found it has ended: it would put off what is asked for below.
      const putOff = () =>
        app.db
          .selectFrom('attendeeBot')
          .innerJoin('bot', 'bot.id', 'attendeeBot.botId')
          .select('looksAt')
          .where('meetingId', '=', id)
          .where('looksAt', 'is not', null)
          .execute()
      await expect.poll(putOff, { interval: 20 }).toHaveLength(1)
    }
    const words = `The recording lies at ${host}, a private address: add it to ATTENDEE_STORAGE_HOSTS.`
    expect(await pages.read(`/dashboard/meetings/${id}/`)).toContain(words)
    expect(await pages.read('/dashboard/problems/')).toContain(words)

    // Given up long ago.
    await app.db.updateTable('attendeeBot').set({ settledAt: app.clock.now() }).execute()
    await using _jobs = await startJobs({ ...app, attendee: { ...server(app), storageHosts: [host] } })
    await sendJobsNow(app.queue, [{ job: sweepAttendeeBotsJob, payload: {} }])
    await expect.poll(missing, { interval: 20 }).toEqual([])
    const files = () => app.db.selectFrom('recording').select('contentType').where('meetingId', '=', id).execute()
    await expect.poll(files, { interval: 20 }).toEqual([{ contentType: 'audio/mpeg' }])
  })
})
