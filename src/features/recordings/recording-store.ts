import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { isAtRest } from '../bots/index.ts'
import { MAX_RECORDING_MS, type Part, type Recording } from './recording.ts'

/** What is known of a meeting's recording; undefined if none was begun. */
export async function readRecording(db: Database | Transaction, meetingId: string): Promise<Recording | undefined> {
  const row = await db
    .selectFrom('recording')
    .select(['meetingId', 'state', 'startedAt', 'endedAt', 'fileKey', 'durationMs', 'sizeBytes', 'contentType'])
    .select(['fileStartedMs', 'alsoOf'])
    .where('meetingId', '=', meetingId)
    .executeTakeFirst()
  return row && { ...row, sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes) }
}

/** The parts of a recording in order of time. */
export async function readParts(db: Database, meetingId: string): Promise<Part[]> {
  return db
    .selectFrom('part')
    .select(['botId', 'meetingId', 'startedMs', 'endedMs'])
    .where('meetingId', '=', meetingId)
    .orderBy('startedMs')
    .orderBy('botId')
    .execute()
}

/** Of some meetings, those of which something was recorded or heard. */
export async function listHeardMeetings(db: Database, meetingIds: readonly string[]): Promise<Set<string>> {
  if (meetingIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('part')
    .select('meetingId')
    .distinct()
    .where('meetingId', '=', sql<string>`any(${meetingIds}::uuid[])`)
    .execute()
  return new Set(rows.map(({ meetingId }) => meetingId))
}

/**
 * Begins a bot's part with its first recorded sample, and the recording with the first part; a finished recording is open again. May run
 * twice: the part that is there stays. The part's `startedMs` is what the times of the bot's steps are counted from, and `zeroAt` the instant of
 * it.
 */
export async function startPart(
  trx: Transaction,
  input: { meetingId: string; botId: string; startedAt: Date; now: Date },
): Promise<Part & { zeroAt: Date }> {
  const { meetingId, botId, startedAt, now } = input
  await trx
    .insertInto('recording')
    .values({
      meetingId,
      state: 'recording',
      startedAt,
      endedAt: null,
      fileKey: null,
      durationMs: null,
      sizeBytes: null,
      updatedAt: now,
    })
    .onConflict((conflict) => conflict.column('meetingId').doNothing())
    .execute()
  const recording = await lockRecording(trx, meetingId)
  const recordingSince = recording?.startedAt ?? startedAt
  const withZero = (part: Part) => ({ ...part, zeroAt: new Date(recordingSince.getTime() + part.startedMs) })
  const known = await trx.selectFrom('part').selectAll().where('botId', '=', botId).executeTakeFirst()
  if (known) return withZero(known)
  // Clocks of two machines differ a little, and nothing begins before the recording does.
  const sinceMs = Math.round(startedAt.getTime() - recordingSince.getTime())
  const startedMs = Math.min(Math.max(0, sinceMs), MAX_RECORDING_MS)
  const part: Part = { botId, meetingId, startedMs, endedMs: null }
  await trx.insertInto('part').values(part).execute()
  await trx
    .updateTable('recording')
    .set({ state: 'recording', endedAt: null, updatedAt: now })
    .where('meetingId', '=', meetingId)
    .execute()
  return withZero(part)
}

/** Ends a bot's part with its last sample, or with its last stored step where that is not known. May run twice. */
export async function endPart(trx: Transaction, input: { botId: string; endedMs?: number }): Promise<void> {
  const { botId, endedMs } = input
  await sql`update part set ended_ms = ${endedMs === undefined ? lastStepEnd : sql`${Math.round(endedMs)}::int`}
    where bot_id = ${botId}`.execute(trx)
}

/** Ends the parts of a meeting's bots that are over, so that what they missed is known as a gap. */
export async function endPartsOfLostBots(trx: Transaction, meetingId: string, now: Date): Promise<void> {
  await sql`update part set ended_ms = ${lastStepEnd} from bot b
    where b.id = part.bot_id and part.meeting_id = ${meetingId}::uuid and part.ended_ms is null and ${isAtRest(now)}`.execute(
    trx,
  )
}

/** Ends every part of a meeting that is open, and says that its file is being made. */
export async function beginFinishing(trx: Transaction, meetingId: string, now: Date): Promise<void> {
  await sql`update part set ended_ms = ${lastStepEnd} where meeting_id = ${meetingId}::uuid and ended_ms is null`.execute(
    trx,
  )
  await sql`update recording set state = 'finishing', updated_at = ${now},
      ended_at = started_at + (select max(ended_ms) from part p where p.meeting_id = recording.meeting_id)
        * interval '1 millisecond'
    where meeting_id = ${meetingId}::uuid`.execute(trx)
}

const lastStepEnd = sql`greatest(started_ms,
  (select max(s.started_ms + s.duration_ms) from audio_step s where s.bot_id = part.bot_id))`

/** Takes the recording's row for the rest of the transaction. */
export async function lockRecording(
  trx: Transaction,
  meetingId: string,
): Promise<
  Pick<Recording, 'state' | 'startedAt' | 'fileKey' | 'durationMs' | 'contentType' | 'fileStartedMs'> | undefined
> {
  return trx
    .selectFrom('recording')
    .select(['state', 'startedAt', 'fileKey', 'durationMs', 'contentType', 'fileStartedMs'])
    .where('meetingId', '=', meetingId)
    .forUpdate()
    .executeTakeFirst()
}

/** Says of a bot's part that not all of its speech became text where it was recorded. May run twice. */
export async function markSpeechMissing(trx: Transaction, botId: string): Promise<void> {
  await trx.updateTable('part').set({ isSpeechMissing: true }).where('botId', '=', botId).execute()
}

/** Names the file of a recording, which somebody else made. */
export async function writeForeignFile(
  trx: Transaction,
  input: {
    meetingId: string
    file: FinishedFile
    startedMs: number
    contentType: string
    alsoOf: readonly string[]
    now: Date
  },
): Promise<void> {
  const { meetingId, file, startedMs, contentType, alsoOf, now } = input
  await trx
    .updateTable('recording')
    .set({ ...file, sizeBytes: String(file.sizeBytes), fileStartedMs: startedMs, contentType, alsoOf: [...alsoOf] })
    .set({ updatedAt: now })
    .where('meetingId', '=', meetingId)
    .execute()
}

/** Makes a recording, its parts and its sound another meeting's, whose file has another name. */
export async function moveRecordingRows(
  trx: Transaction,
  { from, to, fileKey }: { from: string; to: string; fileKey: string | null },
): Promise<void> {
  await sql`update recording set meeting_id = ${to}, file_key = ${fileKey}, also_of = array_remove(also_of, ${to}::uuid)
    where meeting_id = ${from}::uuid`.execute(trx)
  await sql`update part set meeting_id = ${to} where meeting_id = ${from}::uuid`.execute(trx)
  await sql`update audio_step set meeting_id = ${to} where meeting_id = ${from}::uuid`.execute(trx)
}

/** Where a finished file is and how long it is. */
export interface FinishedFile {
  fileKey: string
  durationMs: number
  sizeBytes: number
}

/** Writes down how finishing went. A part that began meanwhile keeps the recording open. */
export async function settleRecording(
  trx: Transaction,
  input: { meetingId: string; state: 'complete' | 'failed' | 'none'; file?: FinishedFile; now: Date },
): Promise<void> {
  const { meetingId, state, file, now } = input
  const open = await trx
    .selectFrom('part')
    .select('botId')
    .where('meetingId', '=', meetingId)
    .where('endedMs', 'is', null)
    .executeTakeFirst()
  await trx
    .updateTable('recording')
    .set({
      state: open ? 'recording' : state,
      updatedAt: now,
      ...(file ? { ...file, sizeBytes: String(file.sizeBytes) } : {}),
    })
    .where('meetingId', '=', meetingId)
    .execute()
}
