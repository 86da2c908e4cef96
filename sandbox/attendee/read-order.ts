import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { BotOrder } from './pretend-bot.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
/** What the server takes in names and chat lines (bots/serializers.py, v1.64.1): nothing above U+FFFF, such as emoji. */
const plain = (what: string) =>
  z
    .string()
    .min(1, 'This field may not be blank.')
    .regex(/^[\0-\uffff]*$/u, `${what} cannot contain emojis or rare script characters.`)
const LONGEST_NAME = 255
const seconds = z.number().int('must be a positive integer').positive('must be a positive integer').optional()
const whatever = z.unknown().optional()
const flag = z.boolean().optional()
const TRIGGERS = [
  'bot.state_change',
  'transcript.update',
  'chat_messages.update',
  'participant_events.join_leave',
  'participant_events.speech_start_stop',
  'bot_logs.update',
] as const
const https = z.string().regex(/^https:\/\//, 'does not match ^https://.*')
const login = {
  use_login: flag,
  login_mode: z.enum(['always', 'only_if_required']).optional(),
  login_group_name: z.string().nullish(),
}
const provider = z.record(z.string(), z.unknown()).optional()
/** Settings of whole areas, as docs/openapi.yml (v1.64.1) has them; what is within a provider of words is its own. */
const settings = {
  transcription_settings: z
    .strictObject({
      deepgram: provider,
      gladia: provider,
      openai: provider,
      assembly_ai: provider,
      sarvam: provider,
      elevenlabs: provider,
      kyutai: provider,
      custom_async: provider,
      custom_async_v2: provider,
      meeting_closed_captions: provider,
    })
    .optional(),
  recording_settings: z
    .strictObject({
      format: z.enum(['mp4', 'mp3', 'none'], "Format must be mp4 or mp3 or 'none'").default('mp4'),
      view: z.enum(['speaker_view', 'gallery_view', 'speaker_view_no_sidebar'], 'View must be one it knows').optional(),
      resolution: z.enum(['1080p', '720p']).optional(),
      record_chat_messages_when_paused: flag,
      record_async_transcription_audio_chunks: flag,
      record_participant_speech_start_stop_events: flag,
      reserve_additional_storage: z.literal(false, 'Not supported unless using Kubernetes').optional(),
    })
    .optional(),
  google_meet_settings: z
    .strictObject({ ...login, ui_interaction_mode: z.enum(['robotic', 'humanized']).optional() })
    .optional(),
  teams_settings: z.strictObject(login).optional(),
  zoom_settings: z
    .strictObject({
      sdk: z.enum(['web', 'native']).optional(),
      meeting_settings: z
        .strictObject({
          allow_participants_to_unmute_self: flag,
          allow_participants_to_share_whiteboard: flag,
          allow_participants_to_request_cloud_recording: flag,
          allow_participants_to_request_local_recording: flag,
          allow_participants_to_share_screen: flag,
          allow_participants_to_chat: flag,
          enable_focus_mode: flag,
        })
        .optional(),
      onbehalf_token: z.strictObject({ zoom_oauth_connection_user_id: z.string() }).optional(),
    })
    .optional(),
  callback_settings: z.strictObject({ zoom_tokens_url: https.optional() }).optional(),
  bot_image: z.strictObject({ type: z.enum(['image/png', 'image/jpeg']), data: z.base64().min(1) }).optional(),
}

const webhooks = z.array(z.strictObject({ url: https, triggers: z.array(z.enum(TRIGGERS)).min(1) }))
const MOST_WEBHOOKS = 2
const chatMessage = z.strictObject({
  to: z.enum(['everyone', 'specific_user', 'everyone_but_host']).optional(),
  to_user_uuid: z.string().nullish(),
  message: plain('Message').max(10_000, 'Message must be less than 10000 characters'),
})
const metadata = z
  .record(z.string(), z.string())
  .refine((value) => Object.keys(value).length > 0, 'Metadata must have at least one key')
  .refine((value) => JSON.stringify(value).length <= 1_000, 'Metadata must be less than 1000 characters')

/** All that the server knows; what this one makes nothing of is taken as it comes. */
const fields = {
  meeting_url: z.string().min(1),
  bot_name: plain('Bot name'),
  join_at: instant.optional(),
  deduplication_key: z.string().min(1).optional(),
  metadata: metadata.optional(),
  bot_chat_message: chatMessage.optional(),
  automatic_leave_settings: z
    .strictObject({
      silence_timeout_seconds: seconds,
      silence_activate_after_seconds: seconds,
      only_participant_in_meeting_timeout_seconds: seconds,
      wait_for_host_to_start_meeting_timeout_seconds: seconds,
      waiting_room_timeout_seconds: seconds,
      max_uptime_seconds: seconds,
      enable_closed_captions_timeout_seconds: seconds,
      authorized_user_not_in_meeting_timeout_seconds: seconds,
      bot_keywords: z.array(z.string()).nullish(),
    })
    .optional(),
  webhooks: webhooks.optional(),
  ...settings,
  calendar_event_id: whatever,
  debug_settings: whatever,
  external_media_storage_settings: whatever,
  kubernetes_settings: whatever,
  rtmp_settings: whatever,
  voice_agent_settings: whatever,
  websocket_settings: whatever,
}
const createSchema = z.strictObject(fields)
const patchSchema = createSchema.partial()

interface OrderRules {
  now: Date
  /** Links that the server does not know. */
  unknownLinks: readonly RegExp[]
}

/** Reads what a bot is to be; what is wrong with it otherwise, as the server says it. */
export function readOrder(body: unknown, rules: OrderRules): BotOrder | { error: object } {
  const read = createSchema.safeParse(body, { reportInput: true })
  if (!read.success) return { error: explain(read.error) }
  const order = read.data
  const wrong = refuse(order.meeting_url, order.join_at, rules) ?? refuseLate(order)
  if (wrong) return { error: wrong }
  const { bot_keywords: botKeywords, ...leaveSettings } = order.automatic_leave_settings ?? {}
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
    leaveSettings,
    botKeywords: botKeywords ?? [],
    webhooks: order.webhooks ?? [],
  }
}

/** Reads what a bot is to write into the chat. */
export function readChatMessage(body: unknown): { text: string } | { error: object } {
  const read = chatMessage.safeParse(body, { reportInput: true })
  return read.success ? { text: read.data.message } : { error: explain(read.error) }
}

/** Reads changes; those to anything but the metadata are for scheduled bots only. What is so already is no change. */
export function readChanges(
  body: unknown,
  rules: OrderRules,
  { state, order }: { state: string; order: BotOrder },
): Partial<BotOrder> | { error: object } {
  const read = patchSchema.safeParse(body, { reportInput: true })
  if (!read.success) return { error: explain(read.error) }
  const { join_at: joinAt, meeting_url: meetingUrl, bot_name: botName, metadata: labels } = read.data
  const wrong = refuse(meetingUrl, joinAt, rules)
  if (wrong) return { error: wrong }
  const isOther =
    (joinAt !== undefined && joinAt.getTime() !== order.joinAt?.getTime()) ||
    (meetingUrl ?? order.meetingUrl) !== order.meetingUrl ||
    (botName ?? order.botName) !== order.botName
  if (state !== 'scheduled' && isOther)
    return {
      error: {
        error: `Bot is in state ${state} but join_at, meeting_url, bot_name, bot_image and recording_settings can only be updated when in the scheduled state`,
      },
    }
  return {
    ...(joinAt ? { joinAt } : {}),
    ...(meetingUrl ? { meetingUrl } : {}),
    ...(botName ? { botName } : {}),
    ...(labels ? { metadata: labels } : {}),
  }
}

function refuse(
  url: string | undefined,
  joinAt: Date | undefined,
  { now, unknownLinks }: OrderRules,
): object | undefined {
  if (url !== undefined && (!URL.canParse(url) || unknownLinks.some((unknown) => unknown.test(url))))
    return { meeting_url: ['Invalid meeting URL'] }
  return joinAt && joinAt < now ? { join_at: ['join_at cannot be in the past'] } : undefined
}

/** What is only found out when the bot is stored. */
function refuseLate({ bot_name: name, webhooks = [] }: z.infer<typeof createSchema>): object | undefined {
  if (name.length > LONGEST_NAME)
    return { error: `An error occurred while creating the bot. Error ID: ${randomUUID()}` }
  if (webhooks.length <= MOST_WEBHOOKS) return undefined
  return { error: 'You have reached the maximum number of webhooks for a single bot' }
}

/** As Django's REST framework and its JSON schemas write it: what is wrong per field, and what is about the whole under a name of its own. */
function explain(error: z.ZodError): object {
  const said: Record<string, unknown> = {}
  for (const issue of error.issues) {
    const [field = 'non_field_errors', inner] = issue.path.map(String)
    const sentence = sentenceOf(issue, field)
    const known = said[field]
    if (inner !== undefined && nested.has(field)) said[field] = { [inner]: [sentence] }
    else if (inner !== undefined && field === 'recording_settings') said[field] = { [inner]: sentence }
    else said[field] = [...(Array.isArray(known) ? known : []), sentence]
  }
  return said
}

/** Fields of which each part is looked at by itself. */
const nested = new Set(['bot_chat_message', 'bot_image'])

function sentenceOf(issue: z.core.$ZodIssue, field: string): string {
  const [, inner] = issue.path
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.join(', ')
    if (issue.path.length === 0)
      return `Unexpected field(s): ${keys}. Allowed fields are: ${Object.keys(fields).toSorted().join(', ')}`
    if (field === 'automatic_leave_settings') return `Unexpected attribute: ${keys}`
    return `Additional properties are not allowed ('${keys}' was unexpected)`
  }
  if (issue.code === 'invalid_type' && inner === undefined) {
    if (issue.input === null) return 'This field may not be null.'
    if (issue.input === undefined) return 'This field is required.'
  }
  if (field === 'metadata' && inner !== undefined) return `Value for key '${String(inner)}' must be a string`
  return field === 'automatic_leave_settings' && inner !== undefined
    ? `${String(inner)} ${issue.message}`
    : issue.message
}
