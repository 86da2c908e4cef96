import { z } from 'zod'
import { botEnds, botEventTypes, botStates, type SittingLimits } from '../../../../bots/index.ts'
import { type BrowserPlatform, browserPlatforms } from '../../../platforms/platform.ts'
import type { SeatChange, Sitting, SittingEvent } from '../../runner.ts'

const seat = z.number().int().nonnegative()
const ms = z.number().nonnegative()

const limitsSchema: z.ZodType<SittingLimits> = z.object({
  joiningMs: ms,
  lobbyMs: ms,
  hostMs: ms,
  aloneMs: ms,
  nobodyCameMs: ms,
  silenceMs: ms,
  silenceArmedAfterMs: ms,
  uptimeMs: ms,
  lateJoinMs: ms,
  unknownMs: ms,
  deafMs: ms,
  pollMs: ms,
})

const sittingSchema = z.object({
  botId: z.string(),
  fence: z.number(),
  resumesFrom: z.enum(botStates).nullable(),
  platform: z.enum(browserPlatforms),
  url: z.url({ protocol: /^https?$/ }),
  botName: z.string().min(1),
  otherBotNames: z.array(z.string()),
  chatLine: z.string(),
  joinAt: z.date(),
  endsAt: z.date(),
  limits: limitsSchema,
  asksWhereItLeads: z.boolean().optional(),
  leaseUntilMs: ms.optional(),
})
/** A sitting at a platform that our browser can join. */
export type HostSitting = Sitting & { platform: BrowserPlatform }

const changeSchema = z.object({
  joinAt: z.date().optional(),
  endsAt: z.date().optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  leadsTo: z.string().optional(),
  stayUntil: z.date().optional(),
  say: z.string().optional(),
  tellsPeople: z.boolean().optional(),
})

/** What a worker says to its bot host. */
export const toHostSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    configuredPath: z.string().optional(),
    dataDir: z.string().optional(),
    owner: z.string().optional(),
  }),
  z.object({ type: z.literal('sit'), seat, sitting: sittingSchema, aheadMs: z.number() }),
  z.object({ type: z.literal('leave'), seat, reason: z.enum(botEnds) }),
  z.object({ type: z.literal('update'), seat, change: changeSchema }),
  z.object({ type: z.literal('lease'), seat, untilMs: ms }),
  z.object({ type: z.literal('close') }),
])
export type ToHost =
  | Exclude<z.infer<typeof toHostSchema>, { type: 'sit' | 'update' }>
  /** `aheadMs`: what is to be added to this machine's monotonic clock for the time as the worker has it. */
  | { type: 'sit'; seat: number; sitting: HostSitting; aheadMs: number }
  | { type: 'update'; seat: number; change: SeatChange }

const at = z.date()
const participantSchema = z.object({
  nativeId: z.string(),
  name: z.string().nullable(),
  hasBotName: z.boolean(),
  isAnotherBot: z.boolean().exactOptional(),
  email: z.string().exactOptional(),
  isDevice: z.boolean().exactOptional(),
})
const sittingEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('moved'),
    at,
    event: z.enum(botEventTypes),
    end: z.enum(botEnds).optional(),
    note: z.string().optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('participant'),
    at,
    change: z.enum(['joined', 'renamed', 'left']),
    participant: participantSchema,
  }),
  z.object({ type: z.literal('recording_started'), at }),
  z.object({
    type: z.literal('audio'),
    of: z.enum(['mix', 'voice']),
    nativeId: z.string().nullable(),
    voice: z.string().nullable(),
    startedMs: ms,
    durationMs: ms,
    packets: z.array(z.instanceof(Uint8Array)),
    pcm: z.instanceof(Int16Array).nullable(),
  }),
  z.object({
    type: z.literal('hearing'),
    at,
    hearing: z.enum(['well', 'page_gone', 'unconnected', 'no_packets', 'no_frames']),
  }),
  z.object({ type: z.literal('said'), at, text: z.string() }),
  z.object({ type: z.literal('led_to'), at, url: z.string() }),
  z.object({ type: z.literal('over'), at }),
])

/** What a bot host says to its worker. */
export const fromHostSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    version: z.string(),
    isSandboxed: z.boolean(),
    /** Of the browser, which its worker kills after a host that could not. */
    processGroup: z.number().int().positive(),
  }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('note'), message: z.string() }),
  /** The browser answered, or is not asked for it yet. */
  z.object({ type: z.literal('alive') }),
  /** The host ends, and this is why. */
  z.object({ type: z.literal('failed'), reason: z.enum(['browser_crashed', 'unresponsive']) }),
  z.object({ type: z.literal('event'), seat, event: sittingEventSchema }),
])
export type FromHost =
  | Exclude<z.infer<typeof fromHostSchema>, { type: 'event' }>
  | { type: 'event'; seat: number; event: HostEvent }

/** Why a host ends by itself. */
export type HostFailure = Extract<FromHost, { type: 'failed' }>['reason']

/** A host tells everything but its own loss. */
export type HostEvent = Exclude<SittingEvent, { type: 'lost' }>
