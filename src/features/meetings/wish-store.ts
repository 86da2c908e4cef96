import { type RawBuilder, sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { OccurrenceRef } from './occurrence.ts'
import { type SaidWish, seriesUid, splitAtOf, type Wish } from './wish.ts'

/** Writes down what a person said, once for each invitation of the meeting. */
export async function writeWishes(trx: Transaction, wishes: readonly Wish[]): Promise<void> {
  await trx
    .insertInto('wish')
    .values(wishes.map((wish) => ({ ...wish, seriesUid: seriesUid(wish.uid) })))
    .execute()
}

/** Less than this apart two original starts of one series are the same day's: its time was changed. */
const SAME_DAY_HOURS = 12

/**
 * What people said about some invitations in any room, and about some meetings, newest first. What was said about an occurrence of a series
 * whose time was changed, from then on or as a whole, comes as said about the occurrence that takes its place on the same day.
 */
export async function readWishes(
  trx: Transaction,
  invitations: readonly Pick<OccurrenceRef, 'uid' | 'occurrenceKey'>[],
  meetingIds: readonly string[],
): Promise<SaidWish[]> {
  const uids = invitations.map(({ uid }) => uid)
  if (!(await wasAnythingSaid(trx, uids, meetingIds))) return []
  const { rows } = await sql<SaidWish>`
    with asked as (
      select * from unnest(${uids}::text[], ${invitations.map((i) => i.occurrenceKey)}::text[],
        ${uids.map(seriesUid)}::text[], ${uids.map(splitAtOf)}::timestamptz[]) as i (uid, occurrence_key, series_uid, split_at)),
    said as (
      select w.id, i.uid, i.occurrence_key, w.meeting_id, w.wish, w.wished_by, w.wished_at
        from wish w join asked i on w.uid = i.uid and w.occurrence_key = i.occurrence_key
      union
      select w.id, i.uid, i.occurrence_key, w.meeting_id, w.wish, w.wished_by, w.wished_at
        from wish w join asked i on w.series_uid = i.series_uid join meeting m on m.id = w.meeting_id
        where ${apart(sql`i`)} < ${SAME_DAY_HOURS * 3_600}
          and (w.uid = i.uid or ${instant(sql`w`)} > i.split_at - ${SAME_DAY_HOURS} * interval '1 hour')
          and not exists (select from occurrence_variant v
            where v.room_key = m.room_key and v.uid = i.uid and v.copies > 0 and ${apart(sql`v`)} < ${apart(sql`i`)})
      union
      select id, uid, occurrence_key, meeting_id, wish, wished_by, wished_at from wish
        where meeting_id = any(${meetingIds}::uuid[]))
    select s.uid, s.occurrence_key, s.meeting_id, s.wish, s.wished_by, s.wished_at, m.proven_organizer, coalesce(m.circle, '{}') as circle
    from said s left join meeting m on m.id = s.meeting_id order by s.id desc`.execute(trx)
  return rows
}

/** Of most meetings nobody ever said anything, which is seen at once. */
async function wasAnythingSaid(
  trx: Transaction,
  uids: readonly string[],
  meetingIds: readonly string[],
): Promise<boolean> {
  const { rows } = await sql`
    select from wish where uid = any(${uids}::text[]) or series_uid = any(${uids.map(seriesUid)}::text[])
      or meeting_id = any(${meetingIds}::uuid[]) limit 1`.execute(trx)
  return rows.length > 0
}

/** The instant that an occurrence key stands for; null for a single event and for the date of an all-day instance. */
function instant(row: RawBuilder<unknown>): RawBuilder<Date | null> {
  return sql`case when ${row}.occurrence_key like '%T%' then ${row}.occurrence_key::timestamptz end`
}

/** Seconds between the original start that a wish names and that of another occurrence. */
function apart(row: RawBuilder<unknown>): RawBuilder<number | null> {
  return sql`abs(extract(epoch from ${instant(sql`w`)} - ${instant(row)}))`
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
