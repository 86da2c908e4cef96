import { sql } from 'kysely'
import { type Database, oneByOne, type Transaction } from '../../platform/db/index.ts'
import type { StoredMeeting } from './match-meetings.ts'
import type { Meeting, Origin, ReasonDetail } from './meeting.ts'
import { type OccurrenceRef, occurrenceId } from './occurrence.ts'

interface StoredRow extends Omit<Meeting, 'reasonDetail' | 'standing' | 'ownVerdict'> {
  reasonDetail: unknown
  standing: unknown
  ownVerdict: unknown
  createdAt: Date
  heldBy: [string, string, string][] | null
}

/**
 * Reads the stored meetings that a plan may go on with: those the occurrences belong to, those with the UID and key of one of them
 * in any room, those in the same room at the same start that lost their copies, and those that somebody sent a bot to in this room.
 */
export async function readCandidates(
  trx: Transaction,
  ids: readonly string[],
  refs: readonly OccurrenceRef[],
  starts: readonly { roomKey: string; at: Date }[],
  now: Date,
): Promise<StoredMeeting[]> {
  const { rows } = await sql<StoredRow>`
    with start as (
      select distinct * from unnest(${starts.map((s) => s.roomKey)}::text[], ${starts.map((s) => s.at.toISOString())}::timestamptz[])
        as s (room_key, at))
    -- What holds a meeting is a subquery of each row, not a join: the server has hashed all there are of tables that had just been filled.
    select m.*, (
      select jsonb_agg(jsonb_build_array(o.room_key, o.uid, o.occurrence_key)) from occurrence o where o.meeting_id = m.id
        and (select true from occurrence_variant v
          where v.room_key = o.room_key and v.uid = o.uid and v.occurrence_key = o.occurrence_key limit 1)) as held_by
    from (
      select unnest(${ids}::uuid[]) as id
      union
      select m.id from unnest(${refs.map((r) => r.uid)}::text[], ${refs.map((r) => r.occurrenceKey)}::text[]) as r (uid, occurrence_key),
        ${oneByOne(sql`select id from meeting m where m.uid = r.uid and m.occurrence_key = r.occurrence_key`)} m
      union
      select m.id from start s, ${oneByOne(sql`select id from meeting m
        where m.room_key = s.room_key and m.starts_at = s.at and m.copies = 0 and m.uid <> 'sent-' || m.id::text`)} m
      union
      select m.id from start s, ${oneByOne(sql`select id from meeting m where m.room_key = s.room_key
        and m.starts_at between s.at - interval '1 day' and s.at + interval '1 day'
        and m.uid = 'sent-' || m.id::text and m.ends_at > ${now}`)} m) chosen,
      ${oneByOne(sql`select * from meeting m where m.id = chosen.id`)} m`.execute(trx)
  return rows.map(({ heldBy, ...row }) => ({
    ...row,
    ...jsonColumns(row),
    heldBy: (heldBy ?? []).map(([roomKey, uid, occurrenceKey]) => occurrenceId({ roomKey, uid, occurrenceKey })),
  }))
}

/** Inserts new meetings and writes changed ones; `before` are the stored rows of those that exist. Answers the ids written. */
export async function writeMeetings(
  trx: Transaction,
  meetings: readonly Meeting[],
  before: ReadonlyMap<string, Meeting>,
  { now, origin }: { now: Date; origin: Origin },
): Promise<Set<string>> {
  const changed = meetings.filter((meeting) => !isSame(meeting, before.get(meeting.id)))
  if (changed.length === 0) return new Set()
  const rows = changed.map((meeting) => ({
    ...columnsOf(meeting),
    reasonDetail: JSON.stringify(meeting.reasonDetail),
    standing: JSON.stringify(meeting.standing),
    ownVerdict: meeting.ownVerdict === null ? null : JSON.stringify(meeting.ownVerdict),
    circle: [...meeting.circle],
    decidedAt: now,
    hubId: null,
  }))
  await trx
    .insertInto('meeting')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        ...Object.fromEntries(meetingColumns.map((column) => [column, eb.ref(`excluded.${column}`)])),
        decidedAt: sql<Date>`case when (meeting.decision, meeting.reason, meeting.reason_detail ->> 'rule')
            is distinct from (excluded.decision, excluded.reason, excluded.reason_detail ->> 'rule')
          then excluded.decided_at else meeting.decided_at end`,
        updatedAt: now,
      })),
    )
    .execute()
  await recordDecisions(trx, changed, before, { now, origin })
  return new Set(changed.map((meeting) => meeting.id))
}

async function recordDecisions(
  trx: Transaction,
  changed: readonly Meeting[],
  before: ReadonlyMap<string, Meeting>,
  { now, origin }: { now: Date; origin: Origin },
): Promise<void> {
  const decided = changed.filter((meeting) => isDecidedAnew(meeting, before.get(meeting.id)))
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
        origin,
      })),
    )
    .execute()
}

/** Whether another answer was given than before, or the same by another rule. */
export function isDecidedAnew(meeting: Meeting, before: Meeting | undefined): boolean {
  return (
    before === undefined ||
    before.decision !== meeting.decision ||
    before.reason !== meeting.reason ||
    before.reasonDetail.rule !== meeting.reasonDetail.rule
  )
}

/** Everything that is stored of a meeting besides its id and when it held its room; all of it may change. */
export const meetingColumns = [
  'platform',
  'roomId',
  'roomKey',
  'meetingUrl',
  'uid',
  'occurrenceKey',
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
  'wish',
  'wishAt',
  'wishBy',
  'provenOrganizer',
  'circle',
  'isRanked',
  'saysNo',
  'isAcceptedByOthers',
  'isAcceptedByOwner',
  'standing',
  'ownVerdict',
  'seatFrom',
  'hasRival',
] as const satisfies (keyof Meeting)[]

/** The columns of JSON, as they are. */
export function jsonColumns(row: {
  reasonDetail: unknown
  standing: unknown
  ownVerdict: unknown
}): Pick<Meeting, 'reasonDetail' | 'standing' | 'ownVerdict'> {
  return {
    reasonDetail: row.reasonDetail as ReasonDetail,
    standing: row.standing as Meeting['standing'],
    ownVerdict: row.ownVerdict as Meeting['ownVerdict'],
  }
}

function columnsOf(meeting: Meeting): Omit<Meeting, 'heldAt'> {
  const changing = Object.fromEntries(meetingColumns.map((column) => [column, meeting[column]])) as Omit<
    Meeting,
    'id' | 'heldAt'
  >
  return { id: meeting.id, ...changing }
}

function isSame(meeting: Meeting, stored: Meeting | undefined): boolean {
  return stored !== undefined && meetingColumns.every((column) => plain(meeting[column]) === plain(stored[column]))
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'object' || value === null) return value
  return JSON.stringify(sortedKeys(value))
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map(sortedKeys)
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sortedKeys(one)])
}

/** Occurrences of meetings that end after an instant and start before another, in pages by meeting id: what a sweep plans again. */
export async function listOccurrencesToSweep(
  db: Database,
  { endsAfter, startsBefore }: { endsAfter: Date; startsBefore?: Date },
  afterId: string | undefined,
  limit: number,
): Promise<{ refs: OccurrenceRef[]; lastId: string | undefined }> {
  const { rows } = await sql<{ [Column in keyof OccurrenceRef]: string | null } & { id: string }>`
    select m.id, o.room_key, o.uid, o.occurrence_key
    from (select id from meeting where ends_at > ${endsAfter}
        and (${startsBefore ?? null}::timestamptz is null or starts_at < ${startsBefore ?? null}::timestamptz)
        and (${afterId ?? null}::uuid is null or id > ${afterId ?? null}::uuid)
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

/**
 * Locks and reads the meeting that takes place in a room now, one of `seated` (where a bot still sits although it is over), or one that begins
 * before `until`; undefined where there is none.
 */
export async function lockMeetingInRoom(
  trx: Transaction,
  roomKey: string,
  { seated, now, until }: { seated: readonly string[]; now: Date; until: Date },
): Promise<Pick<Meeting, 'id' | 'startsAt'> | undefined> {
  const isSeated = sql`m.id = any(${seated}::uuid[])`
  const { rows } = await sql<Pick<Meeting, 'id' | 'startsAt'>>`
    select m.id, m.starts_at from meeting m
    where m.room_key = ${roomKey} and m.starts_at <= ${until} and m.starts_at > ${now}::timestamptz - interval '2 days'
      and (${isSeated} or (m.ends_at > ${now} and (m.copies > 0 or m.uid = 'sent-' || m.id)))
    order by (m.starts_at <= ${now} and m.ends_at > ${now}) desc, ${isSeated} desc, m.starts_at, m.id
    limit 1 for update of m`.execute(trx)
  return rows[0]
}

/** The occurrences of one meeting. */
export async function readOccurrencesOf(trx: Transaction, meetingId: string): Promise<OccurrenceRef[]> {
  return trx
    .selectFrom('occurrence')
    .select(['roomKey', 'uid', 'occurrenceKey'])
    .where('meetingId', '=', meetingId)
    .execute()
}
