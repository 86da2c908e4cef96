import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { StoredMeeting } from './match-meetings.ts'
import type { Meeting, ReasonDetail } from './meeting.ts'
import { type OccurrenceRef, occurrenceId } from './occurrence.ts'

interface StoredRow extends Omit<Meeting, 'reasonDetail'> {
  reasonDetail: unknown
  createdAt: Date
  heldBy: [string, string, string][] | null
}

/**
 * Reads the stored meetings that a plan may go on with: those the occurrences belong to, those with the UID and key of one of them
 * in any room, and those in the same room at the same start that lost their copies.
 */
export async function readCandidates(
  trx: Transaction,
  ids: readonly string[],
  refs: readonly OccurrenceRef[],
  starts: readonly { roomKey: string; at: Date }[],
): Promise<StoredMeeting[]> {
  const { rows } = await sql<StoredRow>`
    with chosen as (
      select id from meeting where id = any(${ids}::uuid[])
      union
      select m.id from meeting m
        join unnest(${refs.map((r) => r.uid)}::text[], ${refs.map((r) => r.occurrenceKey)}::text[]) as r (uid, occurrence_key)
          on m.uid = r.uid and m.occurrence_key = r.occurrence_key
      union
      select m.id from meeting m
        join unnest(${starts.map((s) => s.roomKey)}::text[], ${starts.map((s) => s.at.toISOString())}::timestamptz[])
          as s (room_key, at) on m.room_key = s.room_key and m.starts_at = s.at
      where m.copies = 0 and m.reason <> 'sent_by_person')
    select m.*, held.held_by from meeting m join chosen using (id)
    left join lateral (
      select jsonb_agg(jsonb_build_array(o.room_key, o.uid, o.occurrence_key)) as held_by
      from occurrence o where o.meeting_id = m.id
        and exists (select from occurrence_variant v
          where v.room_key = o.room_key and v.uid = o.uid and v.occurrence_key = o.occurrence_key)) held on true`.execute(
    trx,
  )
  return rows.map(({ heldBy, ...row }) => ({
    ...row,
    reasonDetail: row.reasonDetail as ReasonDetail,
    heldBy: (heldBy ?? []).map(([roomKey, uid, occurrenceKey]) => occurrenceId({ roomKey, uid, occurrenceKey })),
  }))
}

/** Inserts new meetings and writes changed ones; `before` are the stored rows of those that exist. Returns the ids written. */
export async function writeMeetings(
  trx: Transaction,
  meetings: readonly Meeting[],
  before: ReadonlyMap<string, Meeting>,
  now: Date,
): Promise<Set<string>> {
  const changed = meetings.filter((meeting) => !isSame(meeting, before.get(meeting.id)))
  if (changed.length === 0) return new Set()
  const rows = changed.map((meeting) => ({
    ...columnsOf(meeting),
    reasonDetail: JSON.stringify(meeting.reasonDetail),
    decidedAt: now,
    hubId: null,
  }))
  await trx
    .insertInto('meeting')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        ...Object.fromEntries(updatable.map((column) => [column, eb.ref(`excluded.${column}`)])),
        decidedAt: sql<Date>`case when (meeting.decision, meeting.reason) is distinct from (excluded.decision, excluded.reason)
          then excluded.decided_at else meeting.decided_at end`,
        updatedAt: now,
      })),
    )
    .execute()
  await recordDecisions(trx, changed, before, now)
  return new Set(changed.map((meeting) => meeting.id))
}

async function recordDecisions(
  trx: Transaction,
  changed: readonly Meeting[],
  before: ReadonlyMap<string, Meeting>,
  now: Date,
): Promise<void> {
  const decided = changed.filter((meeting) => {
    const old = before.get(meeting.id)
    return old === undefined || old.decision !== meeting.decision || old.reason !== meeting.reason
  })
  if (decided.length === 0) return
  await trx
    .insertInto('meetingDecision')
    .values(
      decided.map((meeting) => ({
        meetingId: meeting.id,
        decision: meeting.decision,
        reason: meeting.reason,
        reasonDetail: JSON.stringify(meeting.reasonDetail),
        startsAt: meeting.startsAt,
        decidedAt: now,
      })),
    )
    .execute()
}

const updatable = [
  'platform',
  'roomId',
  'roomKey',
  'meetingUrl',
  'startsAt',
  'endsAt',
  'isAllDay',
  'title',
  'isPrivate',
  'organizerEmail',
  'attendeeCount',
  'copies',
  'supporting',
  'decision',
  'reason',
  'reasonDetail',
] as const satisfies (keyof Meeting)[]

function columnsOf(meeting: Meeting) {
  const { id, uid, occurrenceKey, wish, wishAt } = meeting
  const changing = Object.fromEntries(updatable.map((column) => [column, meeting[column]])) as Pick<
    Meeting,
    (typeof updatable)[number]
  >
  return { id, uid, occurrenceKey, wish, wishAt, ...changing }
}

function isSame(meeting: Meeting, stored: Meeting | undefined): boolean {
  return stored !== undefined && updatable.every((column) => plain(meeting[column]) === plain(stored[column]))
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'object' || value === null) return value
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Occurrences of meetings that end after an instant, in pages by meeting id: what a sweep plans again. */
export async function listOccurrencesToSweep(
  db: Database,
  endsAfter: Date,
  afterId: string | undefined,
  limit: number,
): Promise<{ refs: OccurrenceRef[]; lastId: string | undefined }> {
  const { rows } = await sql<{ [Column in keyof OccurrenceRef]: string | null } & { id: string }>`
    select m.id, o.room_key, o.uid, o.occurrence_key
    from (select id from meeting where ends_at > ${endsAfter} and (${afterId ?? null}::uuid is null or id > ${afterId ?? null}::uuid)
      order by id limit ${limit}) m
    left join occurrence o on o.meeting_id = m.id order by m.id`.execute(db)
  // A meeting that lost its copies has no occurrence; it still counts for where the next page begins.
  const refs = rows.filter((row) => row.roomKey !== null).map(({ id: _, ...ref }) => ref as OccurrenceRef)
  return { refs, lastId: rows.at(-1)?.id }
}

/** Meetings that are not over and that somebody's calendar still holds. */
export async function countComingMeetings(db: Database, now: Date): Promise<number> {
  const row = await db
    .selectFrom('meeting')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('endsAt', '>', now)
    .where('copies', '>', 0)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Locks and reads the meeting that takes place in a room now, or begins before `until`; undefined where there is none. */
export async function lockMeetingInRoom(
  trx: Transaction,
  roomKey: string,
  now: Date,
  until: Date,
): Promise<{ id: string } | undefined> {
  return trx
    .selectFrom('meeting')
    .select('id')
    .where('roomKey', '=', roomKey)
    .where('endsAt', '>', now)
    .where('startsAt', '<=', until)
    .where((eb) => eb.or([eb('copies', '>', 0), eb('reason', '=', 'sent_by_person')]))
    .orderBy('startsAt')
    .limit(1)
    .forUpdate()
    .executeTakeFirst()
}

/** Writes down what a person wants for a meeting. */
export async function writeWish(trx: Transaction, id: string, wish: 'attend' | 'none', now: Date): Promise<void> {
  await trx.updateTable('meeting').set({ wish, wishAt: now, updatedAt: now }).where('id', '=', id).execute()
}

/** The occurrences of one meeting. */
export async function readOccurrencesOf(trx: Transaction, meetingId: string): Promise<OccurrenceRef[]> {
  return trx
    .selectFrom('occurrence')
    .select(['roomKey', 'uid', 'occurrenceKey'])
    .where('meetingId', '=', meetingId)
    .execute()
}
