import { sql } from 'kysely'
import { readInvited } from '../../src/features/meetings/index.ts'
import type { Database } from '../../src/platform/db/index.ts'

/** What is planned of a meeting. */
export interface Told {
  uid: string
  key: string
  roomKey: string
  id: string
  decision: string
  reason: string
  title: string
  startsAt: Date
  endsAt: Date
  seatFrom: Date | null
  meetingUrl: string
  organizerEmail: string | null
}

/** The meetings that some invitations are, by invitation. */
export async function readTold(db: Database): Promise<Map<string, Told>> {
  const { rows } = await sql<Told>`
    select o.uid, o.occurrence_key as key, o.room_key, m.id, m.decision, m.reason, m.title, m.starts_at, m.ends_at, m.seat_from, m.meeting_url,
      m.organizer_email from occurrence o join meeting m on m.id = o.meeting_id`.execute(db)
  return new Map(rows.map((row) => [JSON.stringify([row.uid, row.key, row.roomKey]), row]))
}

/** Whom a meeting invites at present. */
export async function readAddresses(
  db: Database,
  id: string,
  knownPeople: Parameters<typeof readInvited>[2],
): Promise<string[]> {
  const { people } = await readInvited(db, id, knownPeople)
  return people.map(({ address }) => address)
}
