import { type Context, Hono } from 'hono'
import type { Clock } from '../../src/base/clock.ts'
import { viewBot, viewChat, viewParticipantEvents, viewParticipants, viewTranscript } from './bot-view.ts'
import type { createMediaLinks } from './media-links.ts'
import { pageOf } from './page-list.ts'
import type { BotOrder, PretendBot } from './pretend-bot.ts'
import { readChanges, readChatMessage, readOrder } from './read-order.ts'
import { silentMp3 } from './silent-mp3.ts'
import { isInMeeting, isTerminal } from './states.ts'

interface ApiDeps {
  clock: Clock
  apiKey: string
  pageSize: number
  links: ReturnType<typeof createMediaLinks>
  /** What the project lacks or the server does not know, by links. */
  refuses: Refusals
  /** Oldest first; deleted and forgotten ones are gone. */
  bots: Map<string, PretendBot>
  create(order: BotOrder): PretendBot
}

interface Refusals {
  unknownLinks: readonly RegExp[]
  /** Links of meetings for which the project has no credentials of a Zoom app. */
  zoomWithoutApp: readonly RegExp[]
  /** Bots in meetings at once. */
  concurrentBots: number
}

const KEY_TAKEN =
  'Deduplication key already in use. A bot in a non-terminal state with this deduplication key already exists.'

/** The API of an Attendee server, as far as a client of its bots needs it. */
export function createApi(deps: ApiDeps): Hono {
  const api = new Hono()
  const { bots, clock } = deps
  const find = (c: Context) => bots.get(c.req.param('id') ?? '')
  const unknown = (c: Context) => c.json({ error: 'Bot not found' }, 404)
  const rules = () => ({ now: clock.now(), unknownLinks: deps.refuses.unknownLinks })
  const list = (c: Context, items: readonly unknown[]) => {
    const page = pageOf(items, new URL(c.req.url), deps.pageSize)
    return page ? c.json(page) : c.json({ detail: 'Invalid cursor' }, 404)
  }

  api.use('/api/*', async (c, next) => {
    if (c.req.header('authorization') !== `Token ${deps.apiKey}`)
      return c.json({ detail: 'Invalid or disabled API key' }, 401)
    return next()
  })
  api.get('/api/v1/bots', (c) => {
    const fits = filterOf(new URL(c.req.url).searchParams)
    return list(c, [...bots.values()].filter(fits).map(viewBot))
  })
  api.post('/api/v1/bots', async (c) => {
    const order = readOrder(await c.req.json().catch(() => undefined), rules())
    if ('error' in order) return c.json(order.error, 400)
    const { deduplicationKey, meetingUrl } = order
    const error = lackOf(deps, meetingUrl)
    if (error !== undefined) return c.json({ error }, 400)
    const taken = [...bots.values()].some(
      (bot) => deduplicationKey !== null && bot.order.deduplicationKey === deduplicationKey && !isTerminal(bot.state),
    )
    if (taken) return c.json({ error: KEY_TAKEN }, 400)
    return c.json(viewBot(deps.create(order)), 201)
  })
  api.get('/api/v1/bots/:id', (c) => {
    const bot = find(c)
    return bot ? c.json(viewBot(bot)) : unknown(c)
  })
  api.patch('/api/v1/bots/:id', async (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    const changes = readChanges(await c.req.json().catch(() => undefined), rules(), bot)
    if ('error' in changes) return c.json(changes.error, 400)
    bot.order = { ...bot.order, ...changes }
    return c.json(viewBot(bot))
  })
  api.delete('/api/v1/bots/:id', (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    if (bot.state !== 'scheduled')
      return c.json({ error: `Bot is in state ${bot.state} but can only be deleted when in scheduled state` }, 400)
    bot.stop()
    bots.delete(bot.id)
    return c.body(null, 200)
  })
  api.post('/api/v1/bots/:id/leave', (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    const { state } = bot
    if (bot.requestLeave()) return c.json(viewBot(bot))
    return c.json({ error: `Event leave_requested not allowed when bot is in state ${state}.` }, 400)
  })
  api.post('/api/v1/bots/:id/send_chat_message', async (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    const message = readChatMessage(await c.req.json().catch(() => undefined))
    if ('error' in message) return c.json(message.error, 400)
    if (bot.say(message.text)) return c.body(null, 200)
    return c.json({ error: `Bot is in state ${bot.state} and cannot send chat messages` }, 400)
  })
  api.post('/api/v1/bots/:id/delete_data', (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    return bot.deleteData() ? c.json(viewBot(bot)) : c.json({ error: 'Not before the bot is over.' }, 400)
  })
  api.get('/api/v1/bots/:id/transcript', (c) => {
    const bot = find(c)
    const after = c.req.query('updated_after')
    if (after !== undefined && Number.isNaN(Date.parse(after))) return c.json({ error: 'Invalid updated_after.' }, 400)
    return bot ? c.json(viewTranscript(bot, after === undefined ? null : new Date(after))) : unknown(c)
  })
  api.get('/api/v1/bots/:id/participants', (c) => {
    const bot = find(c)
    return bot ? list(c, viewParticipants(bot)) : unknown(c)
  })
  api.get('/api/v1/bots/:id/participant_events', (c) => {
    const bot = find(c)
    return bot ? list(c, viewParticipantEvents(bot, c.req.query('after'))) : unknown(c)
  })
  api.get('/api/v1/bots/:id/chat_messages', (c) => {
    const bot = find(c)
    return bot ? list(c, viewChat(bot)) : unknown(c)
  })
  api.get('/api/v1/bots/:id/recording', (c) => {
    const bot = find(c)
    if (!bot) return unknown(c)
    if (!bot.hasFile) return c.json({ error: 'No recording file found for bot' }, 404)
    const url = deps.links.make(`${bot.id}.${bot.order.recordingFormat}`)
    return c.json({ url, start_timestamp_ms: bot.hidesStart ? null : (bot.recordedFrom?.getTime() ?? null) })
  })
  return api
}

/** Where the server keeps its files, as a store of them does it: no token, ranges, and the link says for how long. */
export function createStorage({ bots, links }: Pick<ApiDeps, 'bots' | 'links'>): Hono {
  const storage = new Hono()
  storage.get('/media/:name', (c) => {
    const name = c.req.param('name')
    const bot = bots.get(name.slice(0, name.lastIndexOf('.')))
    if (!bot || !links.isValid(name, new URL(c.req.url).searchParams)) return c.text('AccessDenied', 403)
    return answerFile(c, mediaOf(bot), bot.order.recordingFormat)
  })
  return storage
}

/** What keeps the server from making a bot for a link; undefined where nothing does. */
function lackOf({ bots, refuses }: ApiDeps, meetingUrl: string): string | undefined {
  if (refuses.zoomWithoutApp.some((zoom) => zoom.test(meetingUrl)))
    return 'Zoom App credentials are required to create a Zoom bot. Please add Zoom credentials at the project.'
  const inMeetings = [...bots.values()].filter(({ state }) => isInMeeting(state)).length
  if (inMeetings < refuses.concurrentBots) return undefined
  return `You have exceeded the maximum number of concurrent bots (${refuses.concurrentBots}) for your account.`
}

function mediaOf(bot: PretendBot): Buffer {
  const endMs = bot.recordedUntil?.getTime() ?? 0
  // Nothing in it that plays: what it is follows from its first bytes.
  if (bot.order.recordingFormat === 'mp4')
    return Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isomiso2\0\0\0\x08mdat', 'latin1')
  return silentMp3(endMs - (bot.recordedFrom?.getTime() ?? 0))
}

function answerFile(c: Context, file: Buffer, format: string) {
  const type = { 'content-type': format === 'mp4' ? 'video/mp4' : 'audio/mpeg', 'accept-ranges': 'bytes' }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(c.req.header('range') ?? '') ?? []
  if (first === undefined) return c.body(new Uint8Array(file), 200, type)
  const start = Number(first)
  const end = Math.min(last ? Number(last) + 1 : file.length, file.length)
  if (start >= file.length) return c.body(null, 416, { 'content-range': `bytes */${file.length}` })
  return c.body(new Uint8Array(file.subarray(start, end)), 206, {
    ...type,
    'content-range': `bytes ${start}-${end - 1}/${file.length}`,
  })
}

function filterOf(query: URLSearchParams): (bot: PretendBot) => boolean {
  const key = query.get('deduplication_key')
  const url = query.get('meeting_url')
  const states = query.getAll('states')
  const after = query.get('join_at_after')
  const before = query.get('join_at_before')
  return ({ order, state }) =>
    (key === null || order.deduplicationKey === key) &&
    (url === null || order.meetingUrl === url) &&
    (states.length === 0 || states.includes(state)) &&
    (after === null || (order.joinAt !== null && order.joinAt > new Date(after))) &&
    (before === null || (order.joinAt !== null && order.joinAt < new Date(before)))
}
