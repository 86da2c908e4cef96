import { sql } from 'kysely'
import { z } from 'zod'
import { normaliseEmail } from '../../base/text.ts'
import type { Database } from '../../platform/db/index.ts'
import type { InvitedPerson } from './sharing.ts'

interface CopyRow {
  ownerEmail: string
  organizerEmail: string | null
  organizerName: string | null
  attendees: unknown
}

const attendeeList = z
  .array(z.object({ email: z.string(), name: z.string().nullish(), kind: z.string() }).nullable().catch(null))
  .catch([])

/**
 * The people of a meeting's own invitation: organiser, attendees and owners, as all its copies say it. Copies that were cancelled do
 * not count unless all were. Rooms and groups are no people.
 */
export async function readInvitedPeople(db: Database, meetingId: string): Promise<InvitedPerson[]> {
  const { rows } = await sql<CopyRow & { isCancelled: boolean }>`
    select c.owner_email, e.organizer_email, e.organizer_name, e.attendees, e.is_cancelled
    from occurrence o
    join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
    join calendar c on c.id = e.calendar_id
    where o.meeting_id = ${meetingId}`.execute(db)
  const held = rows.filter((row) => !row.isCancelled)
  return collectPeople(held.length > 0 ? held : rows)
}

function collectPeople(copies: readonly CopyRow[]): InvitedPerson[] {
  const people = new Map<string, InvitedPerson>()
  const add = (text: string | null, name: string | null, hasCalendar: boolean) => {
    const email = normaliseEmail(text ?? '')
    if (email === undefined) return
    const known = people.get(email)
    people.set(email, { email, name: known?.name ?? name, hasCalendar: hasCalendar || known?.hasCalendar === true })
  }
  for (const copy of copies) {
    add(copy.organizerEmail, copy.organizerName, false)
    add(copy.ownerEmail, null, true)
    for (const attendee of attendeeList.parse(copy.attendees)) {
      if (attendee?.kind === 'person') add(attendee.email, attendee.name ?? null, false)
    }
  }
  return [...people.values()].sort((a, b) => (a.email < b.email ? -1 : 1))
}
