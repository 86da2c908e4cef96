import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import type { Decision, Origin, Reason, ReasonDetail } from './meeting.ts'

/** One copy of a meeting in one calendar. */
export interface MeetingCopy {
  calendarId: string
  ownerEmail: string
  isConnected: boolean
  response: string
  isCancelled: boolean
  /** When it first was in the calendar, as far as we saw. */
  seenAt: Date
}

/** The copies a meeting is made of, by owner. */
export async function listCopies(db: Database, meetingId: string, limit: number): Promise<MeetingCopy[]> {
  const { rows } = await sql<MeetingCopy>`
    select c.id as calendar_id, c.owner_email, c.state = 'connected' as is_connected, e.own_response as response,
      e.is_cancelled or e.has_vanished as is_cancelled, e.created_at as seen_at
    from occurrence o
    join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
    join calendar c on c.id = e.calendar_id
    where o.meeting_id = ${meetingId}
    order by c.owner_email, c.id limit ${limit}`.execute(db)
  return rows
}

/** A decision as it was taken at its time. */
export interface PastDecision {
  decision: Decision
  reason: Reason
  reasonDetail: ReasonDetail
  startsAt: Date
  decidedAt: Date
  /** What led to it. */
  origin: Origin
}

/** What was decided about a meeting over time, newest first. */
export async function listDecisions(db: Database, meetingId: string, limit: number): Promise<PastDecision[]> {
  const rows = await db
    .selectFrom('meetingDecision')
    .select(['decision', 'reason', 'reasonDetail', 'startsAt', 'decidedAt', 'origin'])
    .where('meetingId', '=', meetingId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows as PastDecision[]
}
