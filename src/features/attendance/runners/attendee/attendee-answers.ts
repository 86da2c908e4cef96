import { z } from 'zod'

// Attendee v1.64.1 (August 2026), docs/openapi.yml: only the fields that are used.

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

const eventSchema = z.object({
  type: z.string(),
  sub_type: z.string().nullish(),
  created_at: z.string(),
})

const botSchema = z.object({
  id: z.string().min(1).max(100),
  state: z.string(),
  // One event we cannot read costs no other.
  events: z.array(z.unknown()).default([]),
  transcription_state: z.string().nullish(),
  recording_state: z.string().nullish(),
  join_at: instant.nullish(),
})

/** Something that happened to a bot at the server. */
export interface RemoteEvent {
  type: string
  subType: string | null
  /** As the server wrote it: with its type it names the event. */
  reportedAt: string
}

/** A bot as the server shows it. */
export interface RemoteBot {
  id: string
  state: string
  /** In the order in which they happened. */
  events: readonly RemoteEvent[]
  transcriptionState: string
  recordingState: string
  joinAt: Date | null
}

/** When the first event of one of these types happened to a bot. */
export function instantOf({ events }: Pick<RemoteBot, 'events'>, ...types: readonly string[]): Date | undefined {
  const event = events.find(({ type }) => types.includes(type))
  const at = event && new Date(event.reportedAt)
  return at && !Number.isNaN(at.getTime()) ? at : undefined
}

/** The bot in an answer; undefined where it is none. */
export function readBot(json: unknown): RemoteBot | undefined {
  const bot = botSchema.safeParse(json).data
  if (!bot) return undefined
  const events = bot.events.flatMap((event) => eventSchema.safeParse(event).data ?? [])
  return {
    id: bot.id,
    state: bot.state,
    events: events
      .map(({ type, sub_type, created_at }) => ({
        type,
        subType: sub_type ?? null,
        reportedAt: created_at,
      }))
      .toSorted((a, b) => Date.parse(a.reportedAt) - Date.parse(b.reportedAt)),
    transcriptionState: bot.transcription_state ?? 'not_started',
    recordingState: bot.recording_state ?? 'not_started',
    joinAt: bot.join_at ?? null,
  }
}

const pageSchema = z.object({ next: z.string().nullish(), results: z.array(z.unknown()) })

/** One page of a list; `next`: the query with which it goes on, whatever address the server gives itself. */
export function readPage(json: unknown): { next: string | null; results: unknown[] } | undefined {
  const page = pageSchema.safeParse(json).data
  if (page === undefined) return undefined
  const link = page.next ? URL.parse(page.next, 'http://server.invalid') : undefined
  return link === null ? undefined : { next: link?.search ?? null, results: page.results }
}

const utteranceSchema = z.object({
  speaker_name: z.string().nullish(),
  speaker_uuid: z.string().nullish(),
  timestamp_ms: z.number().nonnegative(),
  duration_ms: z.number().nonnegative(),
  transcription: z.object({ transcript: z.string() }).nullish(),
})

export interface RemoteUtterance {
  speakerId: string
  speakerName: string | null
  spokenAt: Date
  durationMs: number
  /** Empty where there is none. */
  text: string
}

/** What was said, without what cannot be read. */
export function readTranscript(json: unknown): RemoteUtterance[] | undefined {
  if (!Array.isArray(json)) return undefined
  return json.flatMap((item) => {
    const said = utteranceSchema.safeParse(item).data
    if (!said) return []
    const speakerName = said.speaker_name?.trim() || null
    return {
      speakerId: said.speaker_uuid || `name:${speakerName ?? ''}`,
      speakerName,
      spokenAt: new Date(said.timestamp_ms),
      durationMs: said.duration_ms,
      text: said.transcription?.transcript ?? '',
    }
  })
}

const participantSchema = z.object({ uuid: z.string().min(1), name: z.string().nullish() })

export function readParticipants(items: readonly unknown[]): { id: string; name: string | null }[] {
  return items.flatMap((item) => {
    const read = participantSchema.safeParse(item).data
    return read ? { id: read.uuid, name: read.name?.trim() || null } : []
  })
}

const participantEventSchema = z.object({
  participant_uuid: z.string().min(1),
  participant_name: z.string().nullish(),
  event_type: z.string(),
  timestamp_ms: z.number().nonnegative(),
})

/** Somebody came or left, as the server saw it. */
export interface RemoteComing {
  id: string
  name: string | null
  type: string
  at: Date
}

export function readParticipantEvents(items: readonly unknown[]): RemoteComing[] {
  return items.flatMap((item) => {
    const read = participantEventSchema.safeParse(item).data
    if (!read) return []
    const { participant_uuid: id, participant_name: name, event_type: type, timestamp_ms: atMs } = read
    return { id, name: name?.trim() || null, type, at: new Date(atMs) }
  })
}

const recordingSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  start_timestamp_ms: z.number().nonnegative().nullish(),
})

export function readRecordingLink(json: unknown): { url: string; startedAt: Date | null } | undefined {
  const read = recordingSchema.safeParse(json).data
  if (!read) return undefined
  return { url: read.url, startedAt: read.start_timestamp_ms ? new Date(read.start_timestamp_ms) : null }
}
