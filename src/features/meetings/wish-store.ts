import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { OccurrenceRef } from './occurrence.ts'
import type { Wish } from './wish.ts'

/** Writes down what a person said, once for each invitation of the meeting. */
export async function writeWishes(trx: Transaction, wishes: readonly Wish[]): Promise<void> {
  await trx
    .insertInto('wish')
    .values([...wishes])
    .execute()
}

/** What people said about some invitations in any room, and about some meetings, newest first. */
export async function readWishes(
  trx: Transaction,
  invitations: readonly Pick<OccurrenceRef, 'uid' | 'occurrenceKey'>[],
  meetingIds: readonly string[],
): Promise<Wish[]> {
  const { rows } = await sql<Wish>`
    select w.uid, w.occurrence_key, w.meeting_id, w.wish, w.wished_by, w.wished_at from wish w
    where w.id in (
      select w.id from wish w
        join unnest(${invitations.map((i) => i.uid)}::text[], ${invitations.map((i) => i.occurrenceKey)}::text[])
          as i (uid, occurrence_key) on w.uid = i.uid and w.occurrence_key = i.occurrence_key
      union select id from wish where meeting_id = any(${meetingIds}::uuid[]))
    order by w.id desc`.execute(trx)
  return rows
}

/** One thing that a person said about a meeting. */
export type MeetingWish = Pick<Wish, 'wish' | 'wishedBy' | 'wishedAt'>

/** What people said about one meeting over time, newest first; what was said of several of its invitations at once is one. */
export async function listWishes(db: Database, meetingId: string, limit: number): Promise<MeetingWish[]> {
  const { rows } = await sql<MeetingWish>`
    select distinct wish, wished_by, wished_at from wish
    where meeting_id = ${meetingId} order by wished_at desc limit ${limit}`.execute(db)
  return rows
}
