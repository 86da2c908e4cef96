import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { Person } from '../people/index.ts'

/** Why somebody reads, or does not although invited. */
type ReaderReason = 'invited' | 'given' | 'removed'

/** One person's right to a meeting that is over, or what somebody decided about it. */
export interface MeetingReader {
  /** As told at `at`: an account's id, or an address of no account. */
  person: Person
  /** The address by which the person was invited or named. */
  address: string
  why: ReaderReason
  /** Who gave or took it; for an invitation the person of its proven organiser, null where nobody's calendar proved it. */
  by: string | null
  at: Date
}

/** Rights and decisions of a meeting, the newest last: it counts. */
export async function listMeetingReaders(db: Database | Transaction, meetingId: string): Promise<MeetingReader[]> {
  return await db
    .selectFrom('meetingReader')
    .select(['person', 'address', 'why', 'by', 'at'])
    .where('meetingId', '=', meetingId)
    .orderBy('at')
    .orderBy('address')
    .execute()
}

/** Adds people who were invited; whoever is there already, taken away ones too, stays as they are. */
export async function addInvitedReaders(
  trx: Transaction,
  meetingId: string,
  readers: readonly { person: Person; address: string }[],
  { by, at }: { by: string | null; at: Date },
): Promise<void> {
  if (readers.length === 0) return
  await trx
    .insertInto('meetingReader')
    .values(readers.map((reader) => ({ ...reader, meetingId, why: 'invited' as const, by, at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Gives somebody access, or takes it away, whatever was before. */
export async function setMeetingReader(
  trx: Transaction,
  meetingId: string,
  { by, ...reader }: MeetingReader,
): Promise<void> {
  const { address, why, at } = reader
  await trx
    .insertInto('meetingReader')
    .values({ ...reader, meetingId, by })
    .onConflict((conflict) => conflict.columns(['meetingId', 'person']).doUpdateSet({ address, why, by, at }))
    .execute()
}

/** How far the list of a meeting's readers is. */
export interface ReaderListState {
  endsAt: Date
  isOver: boolean
  /** When the people invited were written down; null while they are not. */
  settledAt: Date | null
}

/** Of an unknown meeting undefined. */
export async function readReaderListState(
  db: Database | Transaction,
  meetingId: string,
  now: Date,
): Promise<ReaderListState | undefined> {
  const { rows } = await sql<ReaderListState>`
    select m.ends_at, m.ends_at <= ${now} and t.state is distinct from 'live' as is_over,
      t.readers_at as settled_at
    from meeting m left join transcript t on t.meeting_id = m.id where m.id = ${meetingId}`.execute(db)
  return rows[0]
}

/** Marks a meeting's list as written, again where it was before; false where somebody else did since. Nobody else can meanwhile. */
export async function claimReaderList(
  trx: Transaction,
  meetingId: string,
  settledAt: Date | null,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .updateTable('transcript')
    .set({ readersAt: now })
    .where('meetingId', '=', meetingId)
    .where('readersAt', 'is not distinct from', settledAt)
    .returning('meetingId')
    .executeTakeFirst()
  return row !== undefined
}

/** Meetings that are over and whose readers are not written down yet, or were before the meeting changed. */
export async function listUnsettledReaderLists(db: Database, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.id from transcript t join meeting m on m.id = t.meeting_id
    where (t.readers_at is null or t.readers_at < m.updated_at) and t.state <> 'live' and m.ends_at <= ${now}
    order by t.updated_at limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}
