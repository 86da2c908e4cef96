import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { enterRoom, type RoomPlace } from '../../sandbox/attendee/enter-room.ts'
import { type AttendeeOptions, type PretendAttendee, startAttendee } from '../../sandbox/attendee/start-attendee.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Resources } from '../../src/base/resources.ts'
import { HOUR_MS } from '../../src/base/time.ts'
import { type Runner, receiveAttendeeNotice } from '../../src/features/attendance/index.ts'
import { createAttendeeRunner } from '../../src/features/attendance/runners/attendee/create-attendee-runner.ts'
import { tellMove } from '../../src/features/attendance/runners/runner.contract.ts'
import type { Seat, Sitting, SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import { claimBots } from '../../src/features/attendance/seat/claim-bot.ts'
import { type Bot, defaultLimits } from '../../src/features/bots/index.ts'
import { askForBot, type Meeting } from '../../src/features/meetings/index.ts'
import type { AttendeeSettings } from '../../src/platform/config/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { createTestApp, type TestApp } from './app.ts'

/** Looks often, so that nothing has to be waited for. */
export const quickPauses = {
  farMs: 50,
  nearMs: 20,
  inRoomMs: 30,
  hintedMs: 0,
  peopleMs: 30,
  processingMs: 20,
  failedMs: 20,
  failedMostMs: 50,
  runMs: 2_000,
  noticeMs: 0,
}

/** The product with a stand-in Attendee server that attends the sandbox's rooms. */
export interface AttendeeWorld extends AsyncDisposable {
  sandbox: Sandbox
  attendee: PretendAttendee
  testApp: TestApp
  /** What bots are ordered with besides, as it is when they are. */
  settings: AttendeeSettings
  /** Has the server's notices come, until it is disposed of. */
  takeNotices(): Promise<AsyncDisposable>
  openRunner(options?: Partial<Parameters<typeof createAttendeeRunner>[0]>): Runner
  /** Sends a bot to a room, and claims it as a worker does. */
  claim(url: string): Promise<{ bot: Bot; meeting: Meeting }>
  /** Claims the bot of a meeting once more, as the worker after the one that was lost. */
  claimAgain(meeting: Meeting): Promise<Bot>
}

/** A bot at work and what it told. */
export interface WatchedBot {
  seat: Seat
  events: SittingEvent[]
  /** The moves so far, with their sub-types. */
  moves(): string[]
  noted(): string[]
  /** Resolves once it has told this move. */
  has(move: string): Promise<void>
}

/** Sits a claimed bot down. */
export async function watchSeat(
  runner: Runner,
  bot: Bot,
  url: string,
  more: Partial<Sitting> = {},
  onEvent: (event: SittingEvent) => void = () => {},
): Promise<WatchedBot> {
  const events: SittingEvent[] = []
  const waiting = new Set<() => void>()
  const moves = () => events.flatMap((event) => (event.type === 'moved' ? [tellMove(event)] : []))
  const sitting: Sitting = {
    botId: bot.id,
    fence: bot.fence,
    resumesFrom: bot.fence > 1 ? bot.state : null,
    platform: 'sandbox',
    url,
    botName: 'Notes',
    otherBotNames: [],
    chatLine: '',
    joinAt: new Date(),
    endsAt: new Date(Date.now() + HOUR_MS),
    limits: defaultLimits,
    ...more,
  }
  const seat = await runner.sit(sitting, (event) => {
    events.push(event)
    onEvent(event)
    for (const check of [...waiting]) check()
  })
  return {
    seat,
    events,
    moves,
    noted: () =>
      events.flatMap((event) => (event.type === 'noted' ? [tellMove({ ...event, note: event.subType })] : [])),
    has: (move) =>
      new Promise((resolve) => {
        const check = () => {
          if (!moves().includes(move)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}

export async function createAttendeeWorld(options: Partial<AttendeeOptions> = {}): Promise<AttendeeWorld> {
  const resources = new Resources()
  const sandbox = resources.use(await startSandbox({ clock: systemClock }))
  const attendee = resources.use(await startAttendee({ clock: systemClock, ...options }))
  const testApp = resources.use(
    await createTestApp({
      clock: systemClock,
      attendeePauses: quickPauses,
      runsJobs: true,
      sandbox: { origin: sandbox.origin, dataDir: '/nonexistent' },
      env: {
        CREDENTIALS_ENCRYPTION_KEY: 'a'.repeat(32),
        TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
        RUNNERS: 'sandbox=attendee',
        ATTENDEE_API_URL: attendee.origin,
        ATTENDEE_API_KEY: attendee.apiKey,
        ATTENDEE_WEBHOOK_SECRET: attendee.webhookSecret,
      },
    }),
  )
  const { app } = testApp
  const settings: AttendeeSettings = {}
  const claim = async (meeting: Meeting) => {
    const deps = { clock: systemClock, limits: defaultLimits }
    const { jobId } = await app.db
      .selectFrom('bot')
      .select('jobId')
      .where('meetingId', '=', meeting.id)
      .where('state', 'not in', ['ended', 'fatal_error', 'cancelled'])
      .executeTakeFirstOrThrow()
    const input = { jobId: jobId ?? '', holder: 'a test' }
    const { claimed } = await inTransaction(app.db, (trx) => claimBots(deps, trx, input))
    const bot = claimed[0]?.bot
    if (!bot) throw new Error('There is no bot to claim')
    return bot
  }
  return {
    sandbox,
    attendee,
    testApp,
    settings,
    async takeNotices() {
      const server = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        const signature = request.headers['x-webhook-signature'] as string
        await receiveAttendeeNotice(app, { body, signature, secret: attendee.webhookSecret })
        response.writeHead(204).end()
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      attendee.setWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      return {
        async [Symbol.asyncDispose]() {
          attendee.setWebhook(null)
          await attendee.settled()
          server.close()
        },
      }
    },
    openRunner: (more) =>
      createAttendeeRunner({
        ...app,
        url: new URL(attendee.origin),
        apiKey: attendee.apiKey,
        pauses: quickPauses,
        settings,
        ...more,
      }),
    async claim(url) {
      const room = { platform: 'sandbox' as const, roomId: url, url }
      const meeting = await askForBot({ ...app.reconcile, db: app.db }, { room, by: 'a test' })
      return { bot: await claim(meeting), meeting }
    },
    claimAgain: claim,
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  }
}

/** Somebody without a microphone in a room; resolves when they are in. */
export function seatGuest(url: string, name: string): Promise<RoomPlace> {
  return new Promise((resolve, reject) => {
    const nothing = () => {}
    const place: RoomPlace = enterRoom({
      url,
      name,
      ears: {
        lobby: nothing,
        welcome: () => resolve(place),
        joined: nothing,
        renamed: nothing,
        left: nothing,
        chat: nothing,
        gone: nothing,
        missing: () => reject(new Error('There is no such room')),
      },
    })
  })
}
