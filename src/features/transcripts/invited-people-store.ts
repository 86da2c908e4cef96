import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../../platform/db/index.ts'
import { collectInvitedPeople, type InvitationCopy, isOrganizerCopy } from './invited-people.ts'
import type { InvitedPerson } from './sharing.ts'

const attendeeList = z
  .array(
    z
      .object({ email: z.string(), name: z.string().nullish(), kind: z.string() })
      .transform(({ email, name, kind }) => ({ email, name: name ?? null, kind }))
      .nullable()
      .catch(null),
  )
  .transform((list) => list.filter((attendee) => attendee !== null))
  .catch([])

type CopyRow = Omit<InvitationCopy, 'attendees'> & { attendees: unknown; isCancelled: boolean }

/**
 * The people of a meeting's own invitation, and whether its organiser's own copy says so. Copies that were cancelled do not count unless all were.
 */
export async function readInvitation(
  db: Database,
  meetingId: string,
): Promise<{ people: InvitedPerson[]; isProven: boolean }> {
  const { rows } = await sql<CopyRow>`
    select c.owner_email, e.organizer_email, e.organizer_name, e.attendees, e.is_cancelled, e.created_at as seen_at
    from occurrence o
    join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
    join calendar c on c.id = e.calendar_id
    where o.meeting_id = ${meetingId}`.execute(db)
  const held = rows.filter((row) => !row.isCancelled)
  const copies = held.length > 0 ? held : rows
  const read = copies.map((copy) => ({ ...copy, attendees: attendeeList.parse(copy.attendees) }))
  return { people: collectInvitedPeople(read), isProven: read.some(isOrganizerCopy) }
}
