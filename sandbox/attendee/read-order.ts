import { z } from 'zod'
import type { BotOrder } from './pretend-bot.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const TRIGGERS = [
  'bot.state_change',
  'transcript.update',
  'chat_messages.update',
  'participant_events.join_leave',
  'participant_events.speech_start_stop',
  'bot_logs.update',
] as const
const webhooks = z
  .array(
    z.object({ url: z.string().regex(/^https:\/\//, 'must start with https'), triggers: z.array(z.enum(TRIGGERS)) }),
  )
  .max(2)
const https = z.string().regex(/^https:\/\//, 'must start with https')
const login = {
  use_login: z.boolean().optional(),
  login_mode: z.enum(['always', 'only_if_required']).optional(),
  login_group_name: z.string().nullish(),
}
/** Settings of whole areas, as docs/openapi.yml (v1.64.1) has them; what is within a provider of words is its own. */
const settings = {
  transcription_settings: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  recording_settings: z
    .strictObject({
      format: z.enum(['mp4', 'mp3', 'none']).default('mp4'),
      view: z.enum(['speaker_view', 'gallery_view', 'speaker_view_no_sidebar']).optional(),
      resolution: z.enum(['1080p', '720p']).optional(),
      record_chat_messages_when_paused: z.boolean().optional(),
      reserve_additional_storage: z.boolean().optional(),
    })
    .nullish(),
  google_meet_settings: z
    .strictObject({ ...login, ui_interaction_mode: z.enum(['robotic', 'humanized']).optional() })
    .nullish(),
  teams_settings: z.strictObject(login).nullish(),
  zoom_settings: z
    .strictObject({
      sdk: z.enum(['web', 'native']).optional(),
      meeting_settings: z.record(z.string(), z.boolean()).optional(),
      onbehalf_token: z.strictObject({ zoom_oauth_connection_user_id: z.string() }).optional(),
    })
    .nullish(),
  callback_settings: z.strictObject({ zoom_tokens_url: https.optional() }).nullish(),
  bot_image: z.strictObject({ type: z.enum(['image/png', 'image/jpeg']), data: z.base64().min(1) }).nullish(),
}
const chatMessage = z.object({
  to: z.enum(['everyone', 'specific_user', 'everyone_but_host']).default('everyone'),
  message: z
    .string()
    .min(1)
    .max(10_000)
    .refine((text) => !/[\u{10000}-\u{10ffff}]/u.test(text), 'Message cannot contain emojis.'),
})

const createSchema = z.object({
  meeting_url: z.url(),
  bot_name: z.string().trim().min(1),
  join_at: instant.nullish(),
  deduplication_key: z.string().min(1).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  bot_chat_message: chatMessage.nullish(),
  automatic_leave_settings: z
    .object({ bot_keywords: z.array(z.string()).nullish() })
    .catchall(z.number().int().positive())
    .nullish(),
  webhooks: webhooks.nullish(),
  ...settings,
})

const patchSchema = createSchema.partial()

/** Reads what a bot is to be; what is wrong with it otherwise, as the server says it. */
export function readOrder(body: unknown, now: Date): BotOrder | { error: object } {
  const read = createSchema.safeParse(body)
  if (!read.success) return { error: z.flattenError(read.error).fieldErrors }
  const order = read.data
  if (order.join_at && order.join_at <= now) return { error: { join_at: ['Lies in the past.'] } }
  const names = Object.keys(settings) as (keyof typeof settings)[]
  return {
    meetingUrl: order.meeting_url,
    botName: order.bot_name,
    joinAt: order.join_at ?? null,
    deduplicationKey: order.deduplication_key ?? null,
    metadata: order.metadata ?? {},
    chatMessage: order.bot_chat_message?.message ?? null,
    recordingFormat: order.recording_settings?.format ?? 'mp4',
    settings: Object.fromEntries(names.flatMap((name) => (order[name] ? [[name, order[name]]] : []))),
    leaveSettings: withoutNull(order.automatic_leave_settings ?? {}),
    webhooks: order.webhooks ?? [],
  }
}

function withoutNull<T>(fields: Record<string, T | null | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [[name, value]])))
}

/** Reads what a bot is to write into the chat. */
export function readChatMessage(body: unknown): { text: string } | { error: object } {
  const read = chatMessage.safeParse(body)
  return read.success ? { text: read.data.message } : { error: z.flattenError(read.error).fieldErrors }
}

/** Reads changes; those to anything but the metadata are for scheduled bots only. */
export function readChanges(body: unknown, now: Date, isScheduled: boolean): Partial<BotOrder> | { error: object } {
  const read = patchSchema.safeParse(body)
  if (!read.success) return { error: z.flattenError(read.error).fieldErrors }
  const { join_at: joinAt, meeting_url: meetingUrl, bot_name: botName, metadata } = read.data
  if (!isScheduled && (joinAt || meetingUrl || botName)) return { error: { error: 'Only while the bot is scheduled.' } }
  if (joinAt && joinAt <= now) return { error: { join_at: ['Lies in the past.'] } }
  return {
    ...(joinAt ? { joinAt } : {}),
    ...(meetingUrl ? { meetingUrl } : {}),
    ...(botName ? { botName } : {}),
    ...(metadata ? { metadata } : {}),
  }
}
