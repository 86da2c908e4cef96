import { z } from 'zod'
import type { BotOrder } from './pretend-bot.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
/** What the server takes in names and chat lines (bots/serializers.py, v1.64.1): nothing above U+FFFF, such as emoji. */
const plain = (what: string) =>
  z
    .string()
    .min(1, 'This field may not be blank.')
    .regex(/^[\0-\uffff]*$/u, `${what} cannot contain emojis or rare script characters.`)
const seconds = z.number().int('must be a positive integer').positive('must be a positive integer').optional()
const whatever = z.unknown().optional()
const TRIGGERS = [
  'bot.state_change',
  'transcript.update',
  'chat_messages.update',
  'participant_events.join_leave',
  'participant_events.speech_start_stop',
  'bot_logs.update',
] as const
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

const webhooks = z
  .array(
    z.strictObject({
      url: z.string().regex(/^https:\/\//, 'URL must start with https://'),
      triggers: z.array(z.enum(TRIGGERS)),
    }),
  )
  .max(2)
const chatMessage = z.strictObject({
  to: z.enum(['everyone', 'specific_user', 'everyone_but_host']).optional(),
  to_user_uuid: z.string().nullish(),
  message: plain('Message'),
})
const metadata = z
  .record(z.string(), z.string())
  .refine((value) => Object.keys(value).length > 0, 'Metadata must have at least one key')
  .refine((value) => JSON.stringify(value).length <= 1_000, 'Metadata must be less than 1000 characters')

/** All that the server knows; what this one makes nothing of is taken as it comes. */
const createSchema = z.strictObject({
  meeting_url: z.string().min(1),
  bot_name: plain('Bot name'),
  join_at: instant.nullish(),
  deduplication_key: z.string().min(1).nullish(),
  metadata: metadata.nullish(),
  bot_chat_message: chatMessage.nullish(),
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
    .nullish(),
  webhooks: webhooks.nullish(),
  ...settings,
  calendar_event_id: whatever,
  debug_settings: whatever,
  external_media_storage_settings: whatever,
  kubernetes_settings: whatever,
  rtmp_settings: whatever,
  voice_agent_settings: whatever,
  websocket_settings: whatever,
})

const patchSchema = createSchema.partial()

export interface OrderRules {
  now: Date
  /** Links that the server does not know. */
  unknownLinks: readonly RegExp[]
}

/** Reads what a bot is to be; what is wrong with it otherwise, as the server says it. */
export function readOrder(body: unknown, rules: OrderRules): BotOrder | { error: object } {
  const read = createSchema.safeParse(body)
  if (!read.success) return { error: explain(read.error) }
  const order = read.data
  const wrong = refuse(order.meeting_url, order.join_at, rules)
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
  const read = chatMessage.safeParse(body)
  return read.success ? { text: read.data.message } : { error: explain(read.error) }
}

/** Reads changes; those to anything but the metadata are for scheduled bots only. */
export function readChanges(body: unknown, rules: OrderRules, state: string): Partial<BotOrder> | { error: object } {
  const read = patchSchema.safeParse(body)
  if (!read.success) return { error: explain(read.error) }
  const { join_at: joinAt, meeting_url: meetingUrl, bot_name: botName, metadata: labels } = read.data
  if (state !== 'scheduled' && (joinAt || meetingUrl || botName))
    return { error: { error: `Bot is in state ${state}: only a scheduled bot can be updated` } }
  const wrong = refuse(meetingUrl, joinAt, rules)
  if (wrong) return { error: wrong }
  return {
    ...(joinAt ? { joinAt } : {}),
    ...(meetingUrl ? { meetingUrl } : {}),
    ...(botName ? { botName } : {}),
    ...(labels ? { metadata: labels } : {}),
  }
}

function refuse(
  url: string | undefined,
  joinAt: Date | null | undefined,
  { now, unknownLinks }: OrderRules,
): object | undefined {
  if (url !== undefined && (!URL.canParse(url) || unknownLinks.some((unknown) => unknown.test(url))))
    return { meeting_url: ['Invalid meeting URL'] }
  return joinAt && joinAt <= now ? { join_at: ['Join at time must be in the future'] } : undefined
}

/** As Django's REST framework writes it: a list of sentences per field, and those about the whole under a name of their own. */
function explain(error: z.ZodError): object {
  const fields: Record<string, string[]> = {}
  for (const issue of error.issues) {
    const isUnknown = issue.code === 'unrecognized_keys'
    const [field = 'non_field_errors', inner] = issue.path
    const said = isUnknown
      ? issue.path.length === 0
        ? `Unexpected field(s): ${issue.keys.join(', ')}.`
        : `Unexpected attribute: ${issue.keys.join(', ')}`
      : issue.message
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined && /undefined/.test(issue.message)
    const sentence = isMissing ? 'This field is required.' : inner === undefined ? said : `${String(inner)} ${said}`
    fields[String(field)] = [...(fields[String(field)] ?? []), sentence]
  }
  return fields
}
