import { sql } from 'kysely'
import { AppError } from '../../base/errors.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { awaitsWords, isAtRest } from '../bots/index.ts'

/** One person's stored sound of which some may not have been cut into utterances, because the worker that did so is gone. */
export interface StoredVoice {
  meetingId: string
  participantId: string
  /** Where the last utterance ends; everything before it has been looked at. Minus one where there is none. */
  cutUntilMs: number
}

/** The voices of a meeting whose bots are over and whose steps are still there. */
export async function listStoredVoices(db: Database, meetingId: string, now: Date): Promise<StoredVoice[]> {
  const { rows } = await sql<StoredVoice>`
    select p.meeting_id, p.id as participant_id, ${cutUntil(sql`p.id`)} as cut_until_ms
    from participant p join bot b on b.id = p.bot_id
    where p.meeting_id = ${meetingId}::uuid and ${isAtRest(now)}
      and exists (select from audio_step s where s.meeting_id = p.meeting_id and s.participant_id = p.id)
    order by p.id`.execute(db)
  return rows
}

/** Meetings that have such voices. */
export async function listMeetingsWithStoredVoices(db: Database, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ meetingId: string }>`
    select distinct s.meeting_id from audio_step s join bot b on b.id = s.bot_id
    where s.participant_id is not null and ${isAtRest(now)} limit ${limit}`.execute(db)
  return rows.map((row) => row.meetingId)
}

/**
 * Transcripts that should have gone on, last written a minute ago or earlier: live ones without a bot that is left, and those that wait
 * although nothing is left to wait for.
 */
export async function listUnsettledTranscripts(
  db: Database,
  now: Date,
  limit: number,
): Promise<{ meetingId: string; state: 'live' | 'finishing' }[]> {
  const { rows } = await sql<{ meetingId: string; state: 'live' | 'finishing' }>`
    select t.meeting_id, t.state from transcript t
    where t.state in ('live', 'finishing') and t.updated_at <= ${now}::timestamptz - interval '1 minute'
      and (t.state = 'live' or not exists (select from utterance u where u.meeting_id = t.meeting_id and u.state = 'heard')
        and not exists (select from audio_step s where s.meeting_id = t.meeting_id and s.participant_id is not null)
        and not ${awaitsWords(sql`t.meeting_id`)})
      and not exists (select from bot b where b.meeting_id = t.meeting_id and not ${isAtRest(now)})
    order by t.updated_at limit ${limit}`.execute(db)
  return rows
}

/** Speech that has been waiting to become text for some minutes. */
export async function listWaitingUtterances(db: Database, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from utterance where state = 'heard' and created_at <= ${now}::timestamptz - interval '2 minutes'
    order by created_at limit ${limit}`.execute(db)
  return rows.map((row) => row.id)
}

/** Takes a voice for the rest of the transaction. Throws `voice_cut_elsewhere` if somebody else has cut it further meanwhile. */
export async function lockVoice(trx: Transaction, { participantId, cutUntilMs }: StoredVoice): Promise<void> {
  await sql`select from participant where id = ${participantId}::uuid for update`.execute(trx)
  const { rows } = await sql<{ until: number }>`select ${cutUntil(sql`${participantId}::uuid`)} as until`.execute(trx)
  if (rows[0]?.until !== cutUntilMs) {
    throw new AppError('voice_cut_elsewhere', 'Somebody else is cutting this voice into utterances.', {
      retry: 'later',
    })
  }
}

function cutUntil(participantId: ReturnType<typeof sql>) {
  return sql`coalesce((select max(u.started_ms + u.duration_ms) from utterance u where u.participant_id = ${participantId}), -1)`
}
