import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import type { Explained } from './explain-decision.ts'

/** The meeting that an event of a calendar is a copy of. */
export interface MeetingOfEvent extends Explained {
  /** UID and occurrence key of the event. */
  uid: string
  occurrenceKey: string
  id: string
}

/** The meetings that the coming events of a calendar are copies of. */
export async function listMeetingsOfCalendar(db: Database, calendarId: string, now: Date): Promise<MeetingOfEvent[]> {
  const { rows } = await sql<MeetingOfEvent>`
    select e.uid, e.occurrence_key, m.id, m.decision, m.reason, m.reason_detail, m.platform, m.ends_at
    from event e
    join occurrence o on o.room_key = e.room_key and o.uid = e.uid and o.occurrence_key = e.occurrence_key
    join meeting m on m.id = o.meeting_id
    where e.calendar_id = ${calendarId} and e.ends_at > ${now}`.execute(db)
  return rows
}
