import { z } from 'zod'
import type { BotOrder } from './pretend-bot.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const webhooks = z
  .array(z.object({ url: z.string().regex(/^https:\/\//, 'must start with https'), triggers: z.array(z.string()) }))
  .max(2)

const createSchema = z.object({
  meeting_url: z.url(),
  bot_name: z.string().trim().min(1),
  join_at: instant.nullish(),
  deduplication_key: z.string().min(1).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  bot_chat_message: z
    .object({ to: z.enum(['everyone', 'specific_user', 'everyone_but_host']), message: z.string() })
    .nullish(),
  recording_settings: z.object({ format: z.enum(['mp4', 'mp3', 'none']).default('mp4') }).nullish(),
  automatic_leave_settings: z.record(z.string(), z.number().int().positive()).nullish(),
  webhooks: webhooks.nullish(),
})

const patchSchema = createSchema.partial()

/** Reads what a bot is to be; what is wrong with it otherwise, as the server says it. */
export function readOrder(body: unknown, now: Date): BotOrder | { error: object } {
  const read = createSchema.safeParse(body)
  if (!read.success) return { error: z.flattenError(read.error).fieldErrors }
  const order = read.data
  if (order.join_at && order.join_at <= now) return { error: { join_at: ['Lies in the past.'] } }
  return {
    meetingUrl: order.meeting_url,
    botName: order.bot_name,
    joinAt: order.join_at ?? null,
    deduplicationKey: order.deduplication_key ?? null,
    metadata: order.metadata ?? {},
    chatMessage: order.bot_chat_message?.message ?? null,
    recordingFormat: order.recording_settings?.format ?? 'mp4',
    leaveSettings: order.automatic_leave_settings ?? {},
    webhooks: order.webhooks ?? [],
  }
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
