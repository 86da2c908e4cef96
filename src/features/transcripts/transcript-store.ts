import { sql } from 'kysely'
import { MINUTE_MS } from '../../base/time.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { awaitsWords, type BotOutcome } from '../bots/index.ts'
import { missingStretches } from './missing-stretches.ts'
import {
  type BotsGoing,
  isFinished,
  outcomeOf,
  type Participant,
  type RecordedPart,
  type RecordingFacts,
  type Transcript,
  type TranscriptFacts,
  type TranscriptState,
} from './transcript.ts'
import { TRANSCRIPT_SIGNAL } from './transcript-signal.ts'
import { readUtterances } from './utterance-store.ts'

/**
 * Reads a transcript, or of its utterances those written after a sequence number. Undefined where none was begun. What is written
 * while it reads may be in the answer or not, but `lastSeq` never promises more than is there.
 */
export async function readTranscript(
  db: Database,
  meetingId: string,
  { afterSeq = 0 }: { afterSeq?: number } = {},
): Promise<Transcript | undefined> {
  // First, so that no utterance is missed that this number covers.
  const head = await db
    .selectFrom('transcript')
    .select(['state', 'lastSeq', 'finishedAt'])
    .where('meetingId', '=', meetingId)
    .executeTakeFirst()
  if (!head) return undefined
  const [recording, lengths, parts, participants, utterances] = await Promise.all([
    readRecordingFacts(db, meetingId),
    readLengths(db, meetingId),
    readParts(db, meetingId),
    readParticipants(db, meetingId),
    readUtterances(db, meetingId, afterSeq),
  ])
  const endsMs = isFinished(head.state) ? (lengths?.endsMs ?? null) : null
  return { ...head, lastSeq: Number(head.lastSeq), recording, endsMs, parts, participants, utterances }
}

/** Whether there is any transcript at all that somebody could read. */
export async function hasAnyTranscript(db: Database): Promise<boolean> {
  return (await db.selectFrom('transcript').select('meetingId').limit(1).executeTakeFirst()) !== undefined
}

/** How far a transcript is; undefined where none was begun. */
export async function readTranscriptState(
  db: Database | Transaction,
  meetingId: string,
): Promise<TranscriptState | undefined> {
  const row = await db.selectFrom('transcript').select('state').where('meetingId', '=', meetingId).executeTakeFirst()
  return row?.state
}

/** What decides how a transcript ends, besides its utterances: a gap or a late start makes it partial. */
export async function readTranscriptFacts(
  trx: Transaction,
  meetingId: string,
): Promise<Pick<TranscriptFacts, 'hasAudio' | 'isWhole'>> {
  const parts = await readParts(trx, meetingId)
  const lengths = await readLengths(trx, meetingId)
  const isOnTime = lengths !== undefined && lengths.lateMs < LATE_MS
  const missing = missingStretches(parts, lengths?.endsMs ?? null)
  // Whoever sends a bot away wants no more of the meeting.
  const lost = missing.filter(({ place, going }) => place === 'between' || going?.how === 'lost')
  return { hasAudio: parts.length > 0, isWhole: isOnTime && lost.length === 0 }
}

/** How late a meeting's recording begins, and when on its time line the meeting is planned to end. */
async function readLengths(
  db: Database | Transaction,
  meetingId: string,
): Promise<{ lateMs: number; endsMs: number } | undefined> {
  const { rows } = await sql<{ lateMs: number; endsMs: number }>`
    select (extract(epoch from r.started_at - m.starts_at) * 1000)::float8 as late_ms,
      (extract(epoch from m.ends_at - r.started_at) * 1000)::float8 as ends_ms
    from recording r join meeting m on m.id = r.meeting_id where r.meeting_id = ${meetingId}::uuid`.execute(db)
  return rows[0]
}

/** A recording that begins later than this after its meeting has missed something. */
const LATE_MS = MINUTE_MS

/** The recording of a meeting; null where there is none. */
async function readRecordingFacts(db: Database, meetingId: string): Promise<RecordingFacts | null> {
  const row = await db
    .selectFrom('recording')
    .select(['state', 'startedAt', 'durationMs', 'fileStartedMs', 'alsoOf'])
    .where('meetingId', '=', meetingId)
    .executeTakeFirst()
  return row ?? null
}

async function readParts(db: Database | Transaction, meetingId: string): Promise<RecordedPart[]> {
  const { rows } = await sql<Omit<RecordedPart, 'going'> & { outcome: string | null; subType: string | null }>`
    select p.started_ms, p.ended_ms, b.outcome, e.sub_type
    from part p join bot b on b.id = p.bot_id left join lateral (
      select sub_type from bot_event where bot_id = p.bot_id and type in ('fatal_error', 'leave_requested', 'meeting_ended')
      order by id desc limit 1) e on true
    where p.meeting_id = ${meetingId}::uuid order by p.started_ms, p.bot_id`.execute(db)
  return rows.map(({ outcome, subType, ...part }) => {
    const how = outcome === null ? undefined : goings[outcome]
    return { ...part, going: how === undefined ? null : { how, subType } }
  })
}

/** Outcomes of attempts that ended while the meeting may have gone on. */
const goings: Partial<Record<string, BotsGoing['how']>> = {
  infrastructure: 'lost',
  stopped: 'sent_away',
  refused: 'sent_away',
} satisfies Partial<Record<BotOutcome, BotsGoing['how']>>

async function readParticipants(db: Database, meetingId: string): Promise<Participant[]> {
  return db
    .selectFrom('participant')
    .select(['id', 'botId', 'nativeId', 'name', 'joinedAt', 'leftAt'])
    .where('meetingId', '=', meetingId)
    .where('isOwnBot', '=', false)
    .orderBy('joinedAt')
    .orderBy('id')
    .execute()
}

/** Begins a transcript, or goes on with one after another bot has joined. May run twice. */
export async function beginTranscript(trx: Transaction, meetingId: string, now: Date): Promise<void> {
  await trx
    .insertInto('transcript')
    .values({ meetingId, state: 'live', finishedAt: null, updatedAt: now })
    .onConflict((conflict) =>
      conflict.column('meetingId').doUpdateSet({ state: 'live', finishedAt: null, updatedAt: now }),
    )
    .execute()
  await announceTranscript(trx, meetingId)
}

/**
 * Ends a transcript once the bots have left: `finishing` while speech is still waiting to become text, here or at a server, or to be cut out of a
 * stored voice, else how it ended. Run it again after the last piece; it may run any number of times.
 */
export async function finishTranscript(
  trx: Transaction,
  meetingId: string,
  facts: Pick<TranscriptFacts, 'hasAudio' | 'isWhole'>,
  now: Date,
): Promise<TranscriptState> {
  await trx
    .insertInto('transcript')
    .values({ meetingId, state: 'finishing', finishedAt: null, updatedAt: now })
    .onConflict((conflict) => conflict.column('meetingId').doUpdateSet({ updatedAt: now }))
    .execute()
  const { rows } = await sql<{
    heard: number
    done: number
    failed: number
    hasVoices: boolean
    awaitsWords: boolean
  }>`
    select count(*) filter (where state = 'heard')::int as heard, count(*) filter (where state = 'done')::int as done,
      count(*) filter (where state = 'failed')::int
        + (select count(*) from part where meeting_id = ${meetingId} and is_speech_missing)::int as failed,
      exists (select from audio_step s where s.meeting_id = ${meetingId}::uuid and s.participant_id is not null) as has_voices,
      ${awaitsWords(sql`${meetingId}::uuid`)} as awaits_words
    from utterance where meeting_id = ${meetingId}`.execute(trx)
  const { heard = 0, done = 0, failed = 0, hasVoices, awaitsWords: awaits } = rows[0] ?? {}
  const state =
    heard > 0 || hasVoices || awaits ? 'finishing' : outcomeOf({ ...facts, doneCount: done, failedCount: failed })
  await trx
    .updateTable('transcript')
    .set({ state, finishedAt: state === 'finishing' ? null : now, updatedAt: now })
    .where('meetingId', '=', meetingId)
    .execute()
  await announceTranscript(trx, meetingId)
  return state
}

/** Makes the words of a meeting another one's, which has none; who reads them is to be told anew. */
export async function moveTranscript(trx: Transaction, { from, to }: { from: string; to: string }): Promise<void> {
  await sql`delete from transcript where meeting_id = ${to}::uuid`.execute(trx)
  await sql`update transcript set meeting_id = ${to}, readers_at = null where meeting_id = ${from}::uuid`.execute(trx)
  await sql`update utterance set meeting_id = ${to} where meeting_id = ${from}::uuid`.execute(trx)
  for (const meetingId of [from, to]) await announceTranscript(trx, meetingId)
}

/** Tells readers of a meeting, or of all with an empty id, to look again when the transaction commits: also for what has no sequence number, such as a better name. */
export async function announceTranscript(trx: Transaction, meetingId: string): Promise<void> {
  await sql`select pg_notify(${TRANSCRIPT_SIGNAL}, ${meetingId})`.execute(trx)
}
