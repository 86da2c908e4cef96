import { sql } from 'kysely'
import { writeOggOpus } from '../../formats/ogg/write-ogg-opus.ts'
import { isRegularPacket } from '../../formats/opus/opus-packet.ts'
import { PACKET_MS } from '../../formats/opus/packet-length.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { type AudioStep, MAX_RECORDING_MS, MAX_STEP_MS } from './recording.ts'

export interface NewStep {
  meetingId: string
  botId: string
  /** Null for the mix of all. */
  participantId: string | null
  startedMs: number
  /** Opus, mono, of the regular length: at least one and at most 10 s of them. */
  packets: readonly Uint8Array[]
  /** The encoder's delay in samples at 48 kHz, with the step that its first packet is in; else 0. */
  preSkip: number
}

/**
 * Stores a step of sound. May run twice: a step of this bot and person that begins at the same time is there already. The caller's
 * transaction checks that the bot is still its own. Throws for packets of another kind and times out of range, which are bugs.
 */
export async function appendAudioStep(trx: Transaction, step: NewStep): Promise<void> {
  const durationMs = step.packets.length * PACKET_MS
  if (durationMs === 0 || durationMs > MAX_STEP_MS) throw new Error(`A step of ${durationMs} ms`)
  if (!(step.startedMs >= 0 && step.startedMs <= MAX_RECORDING_MS)) throw new Error(`A step at ${step.startedMs} ms`)
  if (!step.packets.every(isRegularPacket)) throw new Error('A step with other packets than regular ones of Opus')
  const { meetingId, botId, participantId } = step
  const startedMs = Math.round(step.startedMs)
  const opus = Buffer.from(writeOggOpus(step.packets, { preSkip: step.preSkip }))
  await sql`
    insert into audio_step (meeting_id, bot_id, participant_id, started_ms, duration_ms, opus)
    select ${meetingId}::uuid, ${botId}, ${participantId}::uuid, ${startedMs}::int, ${durationMs}::int, ${opus}::bytea
    where not exists (select from audio_step where meeting_id = ${meetingId}::uuid and bot_id = ${botId}
      and participant_id is not distinct from ${participantId}::uuid and started_ms = ${startedMs}::int)`.execute(trx)
}

interface StepQuery {
  meetingId: string
  /** Null for the mix of all. */
  participantId: string | null
  /** The last step of the page before. */
  after?: Pick<AudioStep, 'startedMs' | 'id'>
  limit: number
}

/** A page of the stored steps of one person, or of the mix, in order of time. A step is some 40 kB. */
export async function readSteps(db: Database, query: StepQuery): Promise<AudioStep[]> {
  const { meetingId, participantId, after, limit } = query
  const { rows } = await sql<AudioStep>`
    select id::text, bot_id, participant_id, started_ms, duration_ms, opus from audio_step
    where meeting_id = ${meetingId}::uuid and participant_id is not distinct from ${participantId}::uuid
      and (started_ms, id) > (${after?.startedMs ?? -1}::int, ${after?.id ?? '0'}::bigint)
    order by started_ms, id limit ${limit}`.execute(db)
  return rows
}

/** The contents of one step; undefined if it is gone. */
export async function readStepOpus(db: Database, id: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('audioStep').select('opus').where('id', '=', id).executeTakeFirst()
  return row?.opus
}

/** Forgets steps: of the mix once they are in a file, of a person once all their speech is in utterances. May run twice. */
export async function dropSteps(trx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from audio_step where id = any(${ids}::bigint[])`.execute(trx)
}

/** Forgets the steps of every person that one bot heard, once all of their speech is in utterances. May run twice. */
export async function dropVoiceSteps(trx: Transaction, botId: string): Promise<void> {
  await trx.deleteFrom('audioStep').where('botId', '=', botId).where('participantId', 'is not', null).execute()
}

/** Which of some meeting's steps of the mix are not among these. */
export async function countOtherMixSteps(trx: Transaction, meetingId: string, ids: readonly string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from audio_step
    where meeting_id = ${meetingId}::uuid and participant_id is null and id <> all(${ids}::bigint[])`.execute(trx)
  return rows[0]?.count ?? 0
}
