import { sql } from 'kysely'
import { type Database, oneByOne, type Transaction } from '../../../platform/db/index.ts'
import { personOf } from '../../people/index.ts'
import type { OccurrenceRef } from '../occurrence.ts'

/** A meeting, and the invitations it consists of. */
interface Accepted {
  id: string
  provenOrganizer: string | null
  refs: readonly OccurrenceRef[]
}

/** Somebody with so many calendars is not looked for. */
const COPIES_SEEN = 100

/**
 * Of some meetings those that one person alone accepted, in however many calendars and under however many addresses: nobody but the proven organiser,
 * else nobody but one of those who hold it.
 */
export async function listAcceptedByOne(
  db: Database | Transaction,
  meetings: readonly Accepted[],
): Promise<Set<string>> {
  if (meetings.length === 0) return new Set()
  const refs = meetings.flatMap(({ id, refs }) => refs.map((ref) => ({ ...ref, id })))
  const { rows } = await sql<{ id: string; ownerEmail: string }>`
    select r.id, held.owner_email
    from unnest(${refs.map(({ id }) => id)}::uuid[], ${refs.map(({ roomKey }) => roomKey)}::text[], ${refs.map(({ uid }) => uid)}::text[],
        ${refs.map(({ occurrenceKey }) => occurrenceKey)}::text[]) as r (id, room_key, uid, occurrence_key),
      ${oneByOne(sql`select c.owner_email from event e join calendar c on c.id = e.calendar_id
        where e.room_key = r.room_key and e.uid = r.uid and e.occurrence_key = r.occurrence_key
          and (e.own_response = 'accepted' or e.is_organizer_copy) and not e.is_cancelled and not e.has_vanished
          and (c.state = 'connected' or e.ends_at <= c.disconnected_at)
        limit ${COPIES_SEEN}`)} held`.execute(db)
  const owners = Map.groupBy(rows, ({ id }) => id)
  const addresses = [
    ...rows.map(({ ownerEmail }) => ownerEmail),
    ...meetings.flatMap((one) => one.provenOrganizer ?? []),
  ]
  const persons = await personOf(db, addresses)
  return new Set(
    meetings
      .filter(({ id, provenOrganizer }) => {
        const accepted = (owners.get(id) ?? []).map(({ ownerEmail }) => ownerEmail)
        const all = provenOrganizer === null ? accepted : [...accepted, provenOrganizer]
        return new Set(all.map((address) => persons.get(address))).size < 2
      })
      .map(({ id }) => id),
  )
}
