import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock } from '../../src/base/clock.ts'
import { createRequestLog, type SeenRequest } from '../request-log.ts'
import { createChanges } from '../room/changes.ts'
import { viewParticipantEvent, viewUtterance } from './bot-view.ts'
import { type ApiFault, answerWithFault, createFaults, type WebhookFault } from './faults.ts'
import { createMediaLinks } from './media-links.ts'
import { type BotDeps, createStamps, type Pace, PretendBot } from './pretend-bot.ts'
import { createApi, createStorage } from './serve-api.ts'
import { createWebhooks, type Delivery } from './webhooks.ts'

export interface AttendeeOptions {
  clock: Clock
  pace?: Partial<Pace>
  /** Entries of a page of a list; default 25. */
  pageSize?: number
  /** How long a link to media works; default 30 minutes. */
  linkValidMs?: number
  /** Bots are told of a lobby, as Zoom's own software is; else they are joining until they are in. */
  tellsLobby?: boolean
  /** Another address of this machine under which files are kept; default: the server's own, at its own port. */
  storageHost?: string
  /** Bots in meetings at once; default: any number. */
  concurrentBots?: number
  /** Pauses before a notice is sent again; default 50 and 100 ms. */
  retryPausesMs?: readonly number[]
  /** Where the server's links lead to a room; default: to rooms on this machine, whose link is the room. */
  roomUrlOf?: (meetingUrl: string) => string | undefined
}

/** A running stand-in for an Attendee server, for tests to order about. */
export interface PretendAttendee extends AsyncDisposable {
  origin: string
  apiKey: string
  /** Base64. */
  webhookSecret: string
  /** Every bot that exists, oldest first. */
  bots(): readonly PretendBot[]
  /** How many were ever made. */
  readonly madeCount: number
  /** The newest 1,000 requests, oldest first. */
  requests: readonly SeenRequest[]
  deliveries: readonly Delivery[]
  /** The project's own webhook; bots that name one of theirs use that instead. */
  setWebhook(url: string | null): void
  order(fault: ApiFault): void
  orderWebhooks(fault: WebhookFault | null): void
  /** From now on links like this are unknown to the server, or need a Zoom app that the project does not have. */
  refuse(what: 'unknown_link' | 'no_zoom_app', link: RegExp): void
  /** The scheduler dies, or lives again: nobody is staged meanwhile. */
  schedule(isRunning: boolean): void
  /** Bots that have left stay in post-processing, or go on. */
  holdUp(isHeldUp: boolean): void
  /** The host of a meeting has not come, or has: bots wait for them. */
  awaitHost(meetingUrl: string, isMissing: boolean): void
  /** Faults of the API, refusals, scheduler and processing; not webhooks. */
  mend(): void
  /** Loses every trace of a bot, which leaves its room. */
  forget(id: string): void
  /** Something said in a room: each bot that records there has it in its transcript. Answers how many do. */
  say(meetingUrl: string, line: { speaker: string; text: string; durationMs?: number }): number
  /** What somebody said last in a room became other text, or longer, as captions do. */
  correct(meetingUrl: string, speaker: string, change: { text?: string; durationMs?: number }): void
  /** Resolves when it holds, asked anew after whatever happens. */
  until(holds: () => boolean, signal?: AbortSignal): Promise<void>
  /** Resolves when no notice is on its way. */
  settled(): Promise<void>
}

const PACE: Pace = {
  stagedLeadMs: 300_000,
  tickMs: 60_000,
  launchMs: 20,
  leavingMs: 10,
  processingMs: 30,
  aloneMs: 60_000,
  waitingSecondMs: 1_000,
}
const PULSE_MS = 10

/** Starts the stand-in on a port of its own. All of it is in memory and ends when disposed of; its bots leave their rooms then. */
export async function startAttendee(options: AttendeeOptions): Promise<PretendAttendee> {
  const { clock, pageSize = 25, linkValidMs = 1_800_000, retryPausesMs = [50, 100] } = options
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const apiKey = randomUUID()
  const webhookSecret = Buffer.from(randomUUID()).toString('base64')
  const changes = createChanges()
  const log = createRequestLog()
  const faults = createFaults()
  const bots = new Map<string, PretendBot>()
  const pace = { ...PACE, ...options.pace }
  const refusals = { unknownLinks: [] as RegExp[], zoomWithoutApp: [] as RegExp[] }
  const withoutHost = new Set<string>()
  let isSchedulerRunning = true
  let isHeldUp = false
  let tickedMs = Number.NEGATIVE_INFINITY
  let webhookUrl: string | null = null
  let madeCount = 0
  let saidMs = 0
  const webhooks = createWebhooks({ secret: webhookSecret, retryPausesMs, projectUrl: () => webhookUrl })
  const botDeps: BotDeps = {
    clock,
    pace,
    tellsLobby: options.tellsLobby ?? false,
    isHostMissing: (url) => withoutHost.has(url),
    isHeldUp: () => isHeldUp,
    roomUrlOf: options.roomUrlOf ?? ((url) => (URL.parse(url)?.hostname === '127.0.0.1' ? url : undefined)),
    stamp: createStamps(clock),
    changed: changes.happened,
    said: (bot, utterance) => webhooks.told(bot, 'transcript.update', viewUtterance(utterance)),
    came: (bot, event) => webhooks.told(bot, 'participant_events.join_leave', viewParticipantEvent(event)),
    moved: (bot, event, oldState) => {
      webhooks.moved(bot, event, oldState)
      changes.happened()
    },
  }
  let storageOrigin = origin
  const links = createMediaLinks({ clock, origin: () => storageOrigin, secret: randomUUID(), validMs: linkValidMs })
  const api = createApi({
    clock,
    apiKey,
    pageSize,
    links,
    bots,
    refuses: { ...refusals, concurrentBots: options.concurrentBots ?? Number.POSITIVE_INFINITY },
    create(order) {
      const bot = new PretendBot(botDeps, order)
      bots.set(bot.id, bot)
      madeCount++
      changes.happened()
      return bot
    },
  })
  const storage = createStorage({ bots, links })
  api.route('/', storage)
  const otherStorage = createServer(getRequestListener(storage.fetch, { overrideGlobalObjects: false }))
  if (options.storageHost !== undefined) {
    otherStorage.listen(0, options.storageHost)
    await once(otherStorage, 'listening')
    storageOrigin = `http://${options.storageHost}:${(otherStorage.address() as AddressInfo).port}`
  }
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false })
  server.on('request', (request, response) => {
    log.note(request, response)
    response.on('error', () => {})
    const fault = faults.take(request)
    if (!fault) return void listener(request, response)
    if (fault.kind === 'done_unanswered') {
      // The answer is made and thrown away.
      response.write = () => true
      response.end = () => response
      return void listener(request, response)
    }
    answerWithFault(request, response, fault)
  })
  const pulse = setInterval(() => {
    const nowMs = clock.now().getTime()
    const isTick = isSchedulerRunning && nowMs - tickedMs >= pace.tickMs
    if (isTick) tickedMs = nowMs
    for (const bot of [...bots.values()]) {
      if (isTick) bot.schedule(nowMs)
      bot.pulse(nowMs)
    }
  }, PULSE_MS)
  pulse.unref()

  return {
    origin,
    apiKey,
    webhookSecret,
    bots: () => [...bots.values()],
    get madeCount() {
      return madeCount
    },
    requests: log.requests,
    deliveries: webhooks.deliveries,
    setWebhook: (url) => {
      webhookUrl = url
    },
    order: faults.order,
    orderWebhooks: webhooks.setFault,
    refuse: (what, link) => void (what === 'unknown_link' ? refusals.unknownLinks : refusals.zoomWithoutApp).push(link),
    schedule: (isRunning) => {
      isSchedulerRunning = isRunning
    },
    holdUp: (held) => {
      isHeldUp = held
    },
    awaitHost: (meetingUrl, isMissing) =>
      void (isMissing ? withoutHost.add(meetingUrl) : withoutHost.delete(meetingUrl)),
    mend() {
      faults.mend()
      refusals.unknownLinks.length = 0
      refusals.zoomWithoutApp.length = 0
      withoutHost.clear()
      isSchedulerRunning = true
      isHeldUp = false
    },
    forget(id) {
      bots.get(id)?.stop()
      bots.delete(id)
      changes.happened()
    },
    say(meetingUrl, { speaker, text, durationMs = 1_000 }) {
      const there = [...bots.values()].filter(
        (bot) => bot.order.meetingUrl === meetingUrl && bot.state === 'joined_recording',
      )
      // Two lines are never said at one instant, so that their order shows.
      saidMs = Math.max(clock.now().getTime(), saidMs + 1)
      const atMs = saidMs
      for (const bot of there) {
        const known = [...bot.participants.values()].find(({ name }) => name === speaker)
        bot.hear({ speakerName: speaker, speakerId: known?.id ?? speaker, atMs, durationMs, text })
      }
      changes.happened()
      return there.length
    },
    correct(meetingUrl, speaker, change) {
      for (const bot of bots.values()) {
        const last = bot.utterances.findLast(({ speakerName }) => speakerName === speaker)
        if (last && bot.order.meetingUrl === meetingUrl) bot.hear({ ...last, ...change })
      }
      changes.happened()
    },
    until: (holds, signal) => changes.until(holds, signal),
    settled: webhooks.settled,
    async [Symbol.asyncDispose]() {
      clearInterval(pulse)
      webhooks.close()
      for (const bot of bots.values()) bot.stop()
      for (const one of [server, otherStorage]) {
        if (!one.listening) continue
        const closed = once(one, 'close')
        one.close()
        one.closeAllConnections()
        await closed
      }
      await webhooks.settled()
    },
  }
}
