import { AppError } from '../../../../base/errors.ts'
import type { AttendeeSettings, BotImage } from '../../../../platform/config/index.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'
import { explainRefusal } from '../../../bots/index.ts'
import type { Platform } from '../../../meetings/index.ts'
import {
  type RemoteBot,
  type RemoteComing,
  type RemoteUtterance,
  readBot,
  readPage,
  readParticipantEvents,
  readParticipants,
  readRecordingLink,
  readTranscript,
} from './attendee-answers.ts'
import { fitName, fitText, fitUrl } from './fit-server.ts'
import { keywordsOf, settingsFor } from './order-settings.ts'
import { readRefusal } from './read-refusal.ts'
import { isOver } from './translate-event.ts'

/** What a bot is to be. */
export interface RemoteOrder {
  meetingUrl: string
  /** As our meetings have it: the server's settings differ by it. */
  platform: Platform
  botName: string
  /** Other recording bots, who are no company. */
  otherBotNames: readonly string[]
  /** Joins at once where unset. */
  joinAt?: Date
  deduplicationKey: string
  metadata: Record<string, string>
  chatLine: string
  leaveAfter: {
    silenceMs: number
    silenceArmedAfterMs: number
    aloneMs: number
    lobbyMs: number
    /** Where the host has not come, and nobody can come in. */
    hostMs: number
    uptimeMs: number
  }
  /** Where changes of state are to be told; https only. */
  webhookUrl?: string
}

/** An Attendee server, by its public API. `undefined` is its 404: it knows no such bot. */
export interface AttendeeApi {
  create(order: RemoteOrder): Promise<RemoteBot>
  findByKey(key: string): Promise<RemoteBot | undefined>
  /** The first bots that are in a state, of one key or of any: a page of them. */
  listInState(state: string, key?: string): Promise<RemoteBot[]>
  read(id: string): Promise<RemoteBot | undefined>
  /** While it is scheduled only; `refused` where it is not any more. */
  move(id: string, change: { joinAt: Date; url: string }): Promise<RemoteBot | 'refused' | undefined>
  remove(id: string): Promise<'done' | 'refused' | undefined>
  leave(id: string): Promise<'done' | 'refused' | undefined>
  /** All that is text by now, or what was written after an instant of the server's clock. */
  transcript(id: string, updatedAfter?: Date): Promise<RemoteUtterance[] | undefined>
  participants(id: string): Promise<{ id: string; name: string | null }[] | undefined>
  participantEvents(id: string, after?: Date): Promise<RemoteComing[] | undefined>
  /** Writes into the chat, without what the server does not take; `refused` where it cannot now. */
  say(id: string, text: string): Promise<'done' | 'refused' | undefined>
  recording(id: string): Promise<{ url: string; startedAt: Date | null } | undefined>
  /** Asks for nothing but an answer. Throws where there is none or the key is refused. */
  check(): Promise<void>
}

interface AttendeeApiOptions {
  http: HttpClient
  /** The server's address; the API is below `/api/v1` of it. */
  url: URL
  apiKey: string
  /** What every bot is ordered with besides. */
  settings?: AttendeeSettings | undefined
  image?: BotImage | undefined
  /** For each request; 20 s if not given. */
  timeoutMs?: number
}

const TIMEOUT_MS = 20_000
/** What is told of a bot; bots/models.py (v1.64.1) knows these, and takes several for one address. */
const TRIGGERS = ['bot.state_change', 'transcript.update', 'participant_events.join_leave']
/** Pages of a list, so that one that leads in a circle ends. */
const MAX_PAGES = 200

/**
 * A client. Every failure is an `AppError`: `attendee_key_refused` and `attendee_refused` (never again; `details.said` is what the server
 * said), `attendee_busy`, `attendee_failing` and `attendee_unreadable` (later), or what the HTTP client says.
 */
export function createAttendeeApi(options: AttendeeApiOptions): AttendeeApi {
  const { http, url, apiKey, timeoutMs = TIMEOUT_MS } = options
  const base = `${url.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`

  async function ask(method: string, address: string, body?: object): Promise<HttpResponse> {
    const answer = await http.request({
      url: address,
      method,
      guard: 'trusted',
      headers: {
        authorization: `Token ${apiKey}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs,
      maxBytes: 32 * 1024 * 1024,
    })
    refuseFailure(answer, refusal)
    return answer
  }

  function refusal(answer: HttpResponse): AppError {
    const code = isKeyRefused(answer) ? 'attendee_key_refused' : 'attendee_refused'
    const said = readRefusal(answer, apiKey) ?? `HTTP ${answer.status}`
    return new AppError(code, explainRefusal(code, said), { details: { status: answer.status, said } })
  }

  async function readList(path: string): Promise<unknown[] | undefined> {
    const items: unknown[] = []
    const page = new URL(`${base}${path}`)
    for (let i = 0; i < MAX_PAGES; i++) {
      const answer = await ask('GET', page.href)
      if (answer.status === 404) return undefined
      const { results, next } = understand(answer, readPage)
      items.push(...results)
      if (next === null) break
      // Only where to go on is taken from a link, wherever it leads: the key goes to the server it belongs to.
      page.search = next
    }
    return items
  }

  const botPath = (id: string) => `/bots/${encodeURIComponent(id)}`
  const get = async <T>(path: string, read: (json: unknown) => T | undefined): Promise<T | undefined> => {
    const answer = await ask('GET', `${base}${path}`)
    return answer.status === 404 ? undefined : understand(answer, read)
  }
  const order = async (method: string, path: string, body?: object) => {
    const answer = await ask(method, `${base}${path}`, body)
    if (answer.status === 404) return undefined
    return answer.status === 400 ? ('refused' as const) : answer
  }

  return {
    async create(input) {
      const answer = await ask('POST', `${base}/bots`, toBody(input, options))
      if (answer.status >= 400) throw refusal(answer)
      return understand(answer, readBot)
    },
    async findByKey(key) {
      const items = await readList(`/bots?deduplication_key=${encodeURIComponent(key)}`)
      // The list is oldest first, and a key is free again once its bot is over.
      const bots = items?.flatMap((item) => readBot(item) ?? []) ?? []
      return bots.find((bot) => !isOver(bot)) ?? bots.at(-1)
    },
    async listInState(state, key) {
      const ofKey = key === undefined ? '' : `&deduplication_key=${encodeURIComponent(key)}`
      const page = await get(`/bots?states=${state}${ofKey}`, readPage)
      return page?.results.flatMap((item) => readBot(item) ?? []) ?? []
    },
    read: (id) => get(botPath(id), readBot),
    async move(id, { joinAt, url: meetingUrl }) {
      const answer = await order('PATCH', botPath(id), {
        join_at: joinAt.toISOString(),
        meeting_url: fitUrl(meetingUrl),
      })
      return answer === undefined || answer === 'refused' ? answer : understand(answer, readBot)
    },
    remove: async (id) => toOutcome(await order('DELETE', botPath(id))),
    leave: async (id) => toOutcome(await order('POST', `${botPath(id)}/leave`, {})),
    transcript: (id, updatedAfter) =>
      get(`${botPath(id)}/transcript${since('updated_after', updatedAfter)}`, readTranscript),
    participants: async (id) => {
      const items = await readList(`${botPath(id)}/participants`)
      return items && readParticipants(items)
    },
    participantEvents: async (id, after) => {
      const items = await readList(`${botPath(id)}/participant_events${since('after', after)}`)
      return items && readParticipantEvents(items)
    },
    say: async (id, text) => {
      return toOutcome(
        await order('POST', `${botPath(id)}/send_chat_message`, { to: 'everyone', message: fitText(text) }),
      )
    },
    recording: (id) => get(`${botPath(id)}/recording`, readRecordingLink),
    async check() {
      if ((await readList('/bots?states=joining')) === undefined)
        throw new AppError('attendee_unreadable', 'There is no Attendee API at ATTENDEE_API_URL.')
    },
  }
}

function since(name: string, at: Date | undefined): string {
  return at === undefined ? '' : `?${name}=${at.toISOString()}`
}

function toOutcome(answer: HttpResponse | 'refused' | undefined): 'done' | 'refused' | undefined {
  return answer === undefined || answer === 'refused' ? answer : 'done'
}

function toBody(order: RemoteOrder, { settings = {}, image }: Pick<AttendeeApiOptions, 'settings' | 'image'>): object {
  const { automatic_leave_settings: leaving, ...besides } = settingsFor(settings, order.platform)
  const seconds = (ms: number) => Math.max(1, Math.round(ms / 1_000))
  const { leaveAfter } = order
  const keywords = keywordsOf(leaving?.bot_keywords ?? [], order.otherBotNames)
  const chatLine = fitText(order.chatLine)
  return {
    meeting_url: fitUrl(order.meetingUrl),
    bot_name: fitName(order.botName),
    ...(order.joinAt ? { join_at: order.joinAt.toISOString() } : {}),
    deduplication_key: order.deduplicationKey,
    metadata: order.metadata,
    ...(chatLine === '' ? {} : { bot_chat_message: { to: 'everyone', message: chatLine } }),
    ...besides,
    ...(image ? { bot_image: image } : {}),
    automatic_leave_settings: {
      ...leaving,
      ...(keywords.length === 0 ? {} : { bot_keywords: keywords }),
      silence_timeout_seconds: seconds(leaveAfter.silenceMs),
      silence_activate_after_seconds: seconds(leaveAfter.silenceArmedAfterMs),
      only_participant_in_meeting_timeout_seconds: seconds(leaveAfter.aloneMs),
      waiting_room_timeout_seconds: seconds(leaveAfter.lobbyMs),
      wait_for_host_to_start_meeting_timeout_seconds: seconds(leaveAfter.hostMs),
      max_uptime_seconds: seconds(leaveAfter.uptimeMs),
    },
    ...(order.webhookUrl === undefined ? {} : { webhooks: [{ url: order.webhookUrl, triggers: TRIGGERS }] }),
  }
}

/** Every status that says nothing about the bot. 400 and 404 do, and are the caller's to judge. */
function refuseFailure(answer: HttpResponse, refusal: (answer: HttpResponse) => AppError): void {
  const { status, retryAfterMs } = answer
  if (isKeyRefused(answer)) throw refusal(answer)
  if (status === 429)
    throw new AppError('attendee_busy', 'The Attendee server asks us to wait.', {
      retry: 'later',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  if (status >= 500 || (status >= 300 && status < 400))
    throw new AppError('attendee_failing', `The Attendee server failed (${status}).`, { retry: 'later' })
  // A proxy that has lost its server has pages of its own, and they know nothing about bots.
  if (status === 404 && !isJson(answer)) throw unreadable()
  if (status > 400 && status !== 404) throw refusal(answer)
}

function isKeyRefused({ status }: HttpResponse): boolean {
  return status === 401 || status === 403
}

function understand<T>(answer: HttpResponse, read: (json: unknown) => T | undefined): T {
  const result = isJson(answer) ? read(JSON.parse(answer.text())) : undefined
  if (result === undefined) throw unreadable()
  return result
}

function unreadable(): AppError {
  const what = 'What the Attendee server answered is not understood. Check that ATTENDEE_API_URL is its address.'
  return new AppError('attendee_unreadable', what, { retry: 'later' })
}

function isJson(answer: HttpResponse): boolean {
  try {
    JSON.parse(answer.text())
    return true
  } catch {
    return false
  }
}
