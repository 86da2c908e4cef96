import { sql } from 'kysely'
import { cleanLine } from '../../base/text.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Utterance, UtteranceState } from './transcript.ts'
import { TRANSCRIPT_SIGNAL } from './transcript-signal.ts'

const MAX_TEXT = 10_000

/** Utterances written after a sequence number, in the order in which they were spoken. */
export async function readUtterances(db: Database, meetingId: string, afterSeq = 0): Promise<Utterance[]> {
  const rows = await db
    .selectFrom('utterance')
    .select(['id', 'participantId', 'seq', 'startedMs', 'durationMs', 'state', 'text', 'confidence', 'language'])
    .where('meetingId', '=', meetingId)
    .where('seq', '>', afterSeq)
    .orderBy('startedMs')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

interface NewUtterance {
  id: string
  meetingId: string
  participantId: string
  startedMs: number
  durationMs: number
  /** The speech itself, kept until it has become text for good. */
  opus: Buffer
}

/** Stores speech that is to become text, and announces it. Begins the transcript where that was not done. */
export async function appendUtterance(trx: Transaction, utterance: NewUtterance, now: Date): Promise<void> {
  const seq = await raiseSeq(trx, utterance.meetingId, now)
  await trx
    .insertInto('utterance')
    .values({ ...utterance, seq, state: 'heard', confidence: null, language: null, createdAt: now, updatedAt: now })
    .execute()
}

/** Whether speech was stored already: a write that is repeated after the database went away may have been done. */
export async function isUtteranceStored(trx: Transaction, id: string): Promise<boolean> {
  return (await trx.selectFrom('utterance').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

/** Speech that came as text. */
export interface WrittenUtterance extends Omit<NewUtterance, 'opus' | 'meetingId'> {
  text: string
}

const ROWS_A_TIME = 500

/**
 * Stores speech that is text already, in the order given, and announces it once. Told again under its id it is replaced where it differs, and
 * costs nothing where it does not: may run twice.
 */
export async function putWrittenUtterances(
  trx: Transaction,
  meetingId: string,
  utterances: readonly WrittenUtterance[],
  now: Date,
): Promise<void> {
  const told = utterances.map((utterance) => ({ ...utterance, text: cleanLine(utterance.text, MAX_TEXT) }))
  const known = await readWritten(trx, told)
  const news = told.filter((utterance) => !isSame(utterance, known.get(utterance.id)))
  if (news.length === 0) return
  const firstSeq = (await raiseSeq(trx, meetingId, now, news.length)) - news.length + 1
  const rows = news.map((utterance, index) => ({
    ...utterance,
    meetingId,
    seq: firstSeq + index,
    state: 'done' as const,
    confidence: null,
    language: null,
    opus: null,
    createdAt: now,
    updatedAt: now,
  }))
  for (let from = 0; from < rows.length; from += ROWS_A_TIME)
    await trx
      .insertInto('utterance')
      .values(rows.slice(from, from + ROWS_A_TIME))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({
          seq: eb.ref('excluded.seq'),
          state: eb.ref('excluded.state'),
          startedMs: eb.ref('excluded.startedMs'),
          durationMs: eb.ref('excluded.durationMs'),
          text: eb.ref('excluded.text'),
          updatedAt: now,
        })),
      )
      .execute()
}

/**
 * Empties what was stored as text of a bot's people, but for the ids given: whoever wrote it says no more that it was said, or it was said to
 * somebody else. Readers are told. May run twice.
 */
export async function withdrawWrittenUtterances(
  trx: Transaction,
  meetingId: string,
  { botId, except }: { botId: string; except: readonly string[] },
  now: Date,
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select u.id from utterance u join participant p on p.id = u.participant_id
    where u.meeting_id = ${meetingId}::uuid and p.bot_id = ${botId} and u.state = 'done' and u.id <> all(${except}::uuid[])
    order by u.started_ms, u.id`.execute(trx)
  if (rows.length === 0) return
  const lastSeq = await raiseSeq(trx, meetingId, now, rows.length)
  await sql`update utterance u set state = 'empty', text = '', updated_at = ${now}, seq = ${lastSeq - rows.length}::bigint + w.n
    from unnest(${rows.map(({ id }) => id)}::uuid[]) with ordinality as w(id, n) where u.id = w.id`.execute(trx)
}

async function readWritten(
  trx: Transaction,
  utterances: readonly WrittenUtterance[],
): Promise<Map<string, Omit<WrittenUtterance, 'participantId'> & { state: UtteranceState }>> {
  if (utterances.length === 0) return new Map()
  const { rows } = await sql<Omit<WrittenUtterance, 'participantId'> & { state: UtteranceState }>`
    select id, started_ms, duration_ms, text, state from utterance
    where id = any(${utterances.map(({ id }) => id)}::uuid[])`.execute(trx)
  return new Map(rows.map((row) => [row.id, row]))
}

function isSame(
  told: WrittenUtterance,
  known: (Omit<WrittenUtterance, 'participantId'> & { state: UtteranceState }) | undefined,
): boolean {
  return (
    known?.state === 'done' &&
    known.text === told.text &&
    known.startedMs === told.startedMs &&
    known.durationMs === told.durationMs
  )
}

/** What became of speech. A `done` one without text is in a language that is named and cannot be written. */
export interface UtteranceResult {
  state: Exclude<UtteranceState, 'heard'>
  text?: string
  confidence?: number | null
  language?: string | null
}

/**
 * Writes what became of an utterance, and announces it; false, and nothing written, where it already is text or is no more. One that
 * failed keeps its speech and may be finished again.
 */
export async function finishUtterance(
  trx: Transaction,
  id: string,
  result: UtteranceResult,
  now: Date,
): Promise<boolean> {
  const known = await trx.selectFrom('utterance').select('meetingId').where('id', '=', id).executeTakeFirst()
  if (!known) return false
  const seq = await raiseSeq(trx, known.meetingId, now)
  const { state, confidence = null, language = null } = result
  const updated = await trx
    .updateTable('utterance')
    .set({ seq, state, confidence, language, text: cleanLine(result.text ?? '', MAX_TEXT), updatedAt: now })
    .$if(state !== 'failed', (query) => query.set({ opus: null }))
    .where('id', '=', id)
    .where('state', 'in', ['heard', 'failed'])
    .executeTakeFirst()
  return updated.numUpdatedRows > 0n
}

/** The next number of a meeting, or the last of so many. Its row stays locked until the transaction ends, so that numbers become visible in their order. */
async function raiseSeq(trx: Transaction, meetingId: string, now: Date, by = 1): Promise<number> {
  const row = await trx
    .insertInto('transcript')
    .values({ meetingId, state: 'live', lastSeq: by, finishedAt: null, updatedAt: now })
    .onConflict((conflict) =>
      conflict
        .column('meetingId')
        .doUpdateSet({ lastSeq: sql<number>`transcript.last_seq + ${by}::int`, updatedAt: now }),
    )
    .returning('lastSeq')
    .executeTakeFirstOrThrow()
  await sql`select pg_notify(${TRANSCRIPT_SIGNAL}, ${meetingId})`.execute(trx)
  return Number(row.lastSeq)
}

/** Speech that is still to become text; undefined once it is. */
export async function readWaitingSpeech(
  db: Database,
  id: string,
): Promise<{ meetingId: string; opus: Uint8Array } | undefined> {
  const row = await db
    .selectFrom('utterance')
    .select(['meetingId', 'opus'])
    .where('id', '=', id)
    .where('state', 'in', ['heard', 'failed'])
    .executeTakeFirst()
  return row?.opus ? { meetingId: row.meetingId, opus: row.opus } : undefined
}
