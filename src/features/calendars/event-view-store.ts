import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'

/** A span of starts; whole days are looked for in a span of their own where one is given. */
export interface Between {
  from: Date
  to: Date
  wholeDays?: { from: Date; to: Date }
}

/** True for rows with `starts_at` and `is_all_day` that start in the span. */
export function startsBetween({ from, to, wholeDays = { from, to } }: Between): RawBuilder<boolean> {
  const [earliest, latest] = [from < wholeDays.from ? from : wholeDays.from, to > wholeDays.to ? to : wholeDays.to]
  // The first line is there for the index.
  return sql<boolean>`(starts_at >= ${earliest} and starts_at < ${latest}
    and case when is_all_day then starts_at >= ${wholeDays.from} and starts_at < ${wholeDays.to}
      else starts_at >= ${from} and starts_at < ${to} end)`
}

/** An event that takes place in no meeting room, its copies in several calendars together. */
export interface EventWithoutRoom {
  uid: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  title: string
  isPrivate: boolean
  kind: string
  linkWarning: string | null
  isCancelled: boolean
  copies: number
  /** One of the people whose calendar holds it. */
  ownerEmail: string
}

/** The events without a meeting link that start between two instants, in their order. */
export async function listEventsWithoutRoom(
  db: Database,
  between: Between,
  limit: number,
): Promise<EventWithoutRoom[]> {
  const { rows } = await sql<EventWithoutRoom>`
    select e.uid, e.starts_at, max(e.ends_at) as ends_at, bool_or(e.is_all_day) as is_all_day, min(e.title) as title,
      bool_or(e.visibility in ('private', 'confidential')) as is_private, min(e.kind) as kind,
      min(e.link_warning) as link_warning, bool_and(e.is_cancelled) as is_cancelled, count(*)::int as copies,
      min(c.owner_email) as owner_email
    from event e join calendar c on c.id = e.calendar_id
    where ${startsBetween(between)} and e.room_key is null
    group by e.uid, e.occurrence_key, e.starts_at
    order by e.starts_at, ends_at, e.uid limit ${limit}`.execute(db)
  return rows
}

export async function countEventsWithoutRoom(db: Database, between: Between): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct (uid, occurrence_key, starts_at))::int as count from event
    where ${startsBetween(between)} and room_key is null`.execute(db)
  return rows[0]?.count ?? 0
}

/** A coming event of one calendar. */
export interface ComingEvent {
  uid: string
  occurrenceKey: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  title: string
  isPrivate: boolean
  kind: string
  isCancelled: boolean
  ownResponse: string
  linkWarning: string | null
  roomKey: string | null
}

/** The events of a calendar that are not over, in their order. */
export async function listComingEvents(
  db: Database,
  calendarId: string,
  now: Date,
  limit: number,
): Promise<ComingEvent[]> {
  const rows = await db
    .selectFrom('event')
    .select(['uid', 'occurrenceKey', 'startsAt', 'endsAt', 'isAllDay', 'title', 'visibility', 'kind'])
    .select(['isCancelled', 'ownResponse', 'linkWarning', 'roomKey'])
    .where('calendarId', '=', calendarId)
    .where('endsAt', '>', now)
    .orderBy('startsAt')
    .orderBy('uid')
    .limit(limit)
    .execute()
  return rows.map(({ visibility, ...row }) => ({
    ...row,
    isPrivate: visibility === 'private' || visibility === 'confidential',
  }))
}
