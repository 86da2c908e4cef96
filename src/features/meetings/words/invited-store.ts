import { sql } from 'kysely'
import { z } from 'zod'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { OccurrenceRef } from '../occurrence.ts'

/** The invitations a meeting consists of; of one that stands in no calendar, who sent the bot. */
export async function readMeetingRefs(
  db: Database | Transaction,
  meetingId: string,
): Promise<{ refs: OccurrenceRef[]; sender: string | null }> {
  const refs = await listRefsOf(db, meetingId)
  const meeting = await db
    .selectFrom('meeting')
    .select('provenOrganizer')
    .where('id', '=', meetingId)
    .executeTakeFirst()
  return { refs, sender: meeting?.provenOrganizer ?? null }
}

/** The invitations a meeting consists of. */
export async function listRefsOf(db: Database | Transaction, meetingId: string): Promise<OccurrenceRef[]> {
  return await db
    .selectFrom('occurrence')
    .select(['roomKey', 'uid', 'occurrenceKey'])
    .where('meetingId', '=', meetingId)
    .execute()
}

/** Who holds a copy of some invitations in their own calendar, and whether one of these is accepted. */
export async function readHolders(
  db: Database | Transaction,
  refs: readonly OccurrenceRef[],
): Promise<Map<string, { hasAccepted: boolean }>> {
  const { rows } = await sql<{ ownerEmail: string; hasAccepted: boolean }>`
    select c.owner_email, bool_or(not e.is_cancelled and (e.own_response = 'accepted' or e.is_organizer_copy)) as has_accepted
    from ${rowsOf(refs)} join event e on e.room_key = r.room_key and e.uid = r.uid and e.occurrence_key = r.occurrence_key
      join calendar c on c.id = e.calendar_id
    group by 1`.execute(db)
  return new Map(rows.map(({ ownerEmail, hasAccepted }) => [ownerEmail, { hasAccepted }]))
}

const nameList = z.array(z.object({ email: z.string(), name: z.string() }).nullable().catch(null)).catch([])

/** The names that some people's copies of invitations give; of several the copy's known first. For showing, never for knowing who somebody is. */
export async function readNames(
  db: Database | Transaction,
  refs: readonly OccurrenceRef[],
  owners: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{
    attendees: unknown
    organizerEmail: string | null
    organizerName: string | null
    knownAt: Date
  }>`
    select distinct on (e.room_key, e.uid, e.occurrence_key, e.variant) e.attendees, e.organizer_email, e.organizer_name, e.known_at
    from ${rowsOf(refs)} join event e on e.room_key = r.room_key and e.uid = r.uid and e.occurrence_key = r.occurrence_key
      join calendar c on c.id = e.calendar_id and c.owner_email = any(${owners}::text[])
    order by e.room_key, e.uid, e.occurrence_key, e.variant, e.known_at`.execute(db)
  const names = new Map<string, string>()
  const add = (email: string, name: string) => {
    if (name !== '' && !names.has(email)) names.set(email, name)
  }
  const byKnown = rows.toSorted((a, b) => a.knownAt.getTime() - b.knownAt.getTime())
  for (const { attendees, organizerEmail, organizerName } of byKnown) {
    if (organizerEmail !== null && organizerName !== null) add(organizerEmail, organizerName)
    for (const entry of nameList.parse(attendees)) if (entry) add(entry.email, entry.name)
  }
  return names
}

function rowsOf(refs: readonly OccurrenceRef[]) {
  return sql`(select distinct * from unnest(${refs.map((ref) => ref.roomKey)}::text[], ${refs.map((ref) => ref.uid)}::text[],
    ${refs.map((ref) => ref.occurrenceKey)}::text[]) as u (room_key, uid, occurrence_key)) as r`
}
