import { sql } from 'kysely'
import { DAY_MS } from '../../base/time.ts'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { type Between, startsBetween } from '../calendars/index.ts'
import type { Meeting } from './meeting.ts'
import { jsonColumns, meetingColumns } from './meeting-store.ts'

const shown = ['id', ...meetingColumns, 'heldAt'] as const

/** The meetings that start between two instants, in their order. Records of meetings that became part of another are left out. */
export async function listMeetings(db: Database, between: Between, limit: number): Promise<Meeting[]> {
  const rows = await db
    .selectFrom('meeting')
    .select(shown)
    .where(startsBetween(between))
    .where('reason', '!=', 'merged')
    .orderBy('startsAt')
    .orderBy('endsAt')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(toMeeting)
}

/** Meetings that are not over and want their room at the same time as one of somebody else, in the order of their start. */
export async function listRivals(db: Database, now: Date, limit: number): Promise<Meeting[]> {
  const rows = await db
    .selectFrom('meeting')
    .select(shown)
    .where('hasRival', '=', true)
    .where('startsAt', '>', new Date(now.getTime() - DAY_MS))
    .where('endsAt', '>', now)
    .where('copies', '>', 0)
    .orderBy('startsAt')
    .orderBy('roomKey')
    .limit(limit)
    .execute()
  return rows.map(toMeeting)
}

/** A meeting as a list names it. */
export type NamedMeeting = Pick<Meeting, 'id' | 'title' | 'isPrivate' | 'startsAt' | 'platform' | 'meetingUrl'>

/** Meetings of some platforms that are wanted, are not over and begin before an instant, in the order of their start. */
export async function listComingLinks(
  db: Database,
  of: { now: Date; until: Date; platforms: readonly string[] },
): Promise<NamedMeeting[]> {
  if (of.platforms.length === 0) return []
  return db
    .selectFrom('meeting')
    .select(['id', 'title', 'isPrivate', 'startsAt', 'platform', 'meetingUrl'])
    .where('platform', 'in', of.platforms)
    .where('decision', 'in', ['attend', 'observe'])
    .where('endsAt', '>', of.now)
    .where('startsAt', '<', of.until)
    .where('startsAt', '>', new Date(of.now.getTime() - DAY_MS))
    .orderBy('startsAt')
    .orderBy('id')
    .execute()
}

/** The first meeting that starts at or after an instant and that somebody still wants. */
export async function readNextMeeting(db: Database, from: Date): Promise<Meeting | undefined> {
  const row = await db
    .selectFrom('meeting')
    .select(shown)
    .where('startsAt', '>=', from)
    .where('supporting', '>', 0)
    .orderBy('startsAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row && toMeeting(row)
}

/** One meeting, with when its decision was taken; undefined for an id that is none. */
export async function readMeeting(
  db: Database | Transaction,
  id: string,
): Promise<(Meeting & { decidedAt: Date }) | undefined> {
  const row = await db.selectFrom('meeting').select(shown).select('decidedAt').where('id', '=', id).executeTakeFirst()
  return row && { ...toMeeting(row), decidedAt: row.decidedAt }
}

/** How many events with a meeting link start between two instants, and in how many calendars. */
export async function countCopies(db: Database, between: Between): Promise<{ events: number; calendars: number }> {
  const { rows } = await sql<{ events: number; calendars: number }>`
    select count(*)::int as events, count(distinct calendar_id)::int as calendars from event
    where ${startsBetween(between)} and room_key is not null`.execute(db)
  return rows[0] ?? { events: 0, calendars: 0 }
}

type Row = Omit<Meeting, 'reason' | 'reasonDetail' | 'standing' | 'ownVerdict'> & {
  reason: string
  reasonDetail: unknown
  standing: unknown
  ownVerdict: unknown
}

function toMeeting(row: Row): Meeting {
  return { ...row, reason: row.reason as Meeting['reason'], ...jsonColumns(row) }
}
