import { sql } from 'kysely'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { Meeting } from '../meeting.ts'
import type { OccurrenceRef } from '../occurrence.ts'
import { listAcceptedByOne } from './accepted-store.ts'
import { listRefsOf } from './invited-store.ts'

/** When a meeting first held its room in fact; one that did before stays as it is. */
export async function setHeld(trx: Transaction, meetingId: string, at: Date): Promise<void> {
  await trx.updateTable('meeting').set({ heldAt: at }).where('id', '=', meetingId).where('heldAt', 'is', null).execute()
}

/** A meeting never held its room. */
export async function unsetHeld(trx: Transaction, meetingId: string): Promise<void> {
  await trx.updateTable('meeting').set({ heldAt: null }).where('id', '=', meetingId).execute()
}

/** Writes down who brought a room, if that is not known and no meeting of anybody else that is not over was known there earlier. */
export async function noteBrought(
  trx: Transaction,
  input: { roomKey: string; meetingId: string; how: 'recognised' | 'first_known'; at: Date },
): Promise<boolean> {
  const { roomKey, meetingId, how, at } = input
  const { numAffectedRows } = await sql`
    insert into room (room_key, brought_by, brought_at, brought_how, known_since)
    select ${roomKey}, m.proven_organizer, ${at}, ${how}, ${at} from meeting m
    where m.id = ${meetingId}::uuid and m.room_key = ${roomKey} and m.is_ranked and m.proven_organizer is not null
      and not exists (select from meeting o where o.room_key = m.room_key and o.ends_at > ${at} and o.is_ranked and o.supporting > 0
        and o.proven_organizer is distinct from m.proven_organizer
        and (select min((s ->> 'since')::bigint) from jsonb_array_elements(o.standing) s)
          < (select min((s ->> 'since')::bigint) from jsonb_array_elements(m.standing) s))
    on conflict (room_key) do update set brought_by = excluded.brought_by, brought_at = excluded.brought_at,
      brought_how = excluded.brought_how where room.brought_by is null`.execute(trx)
  return (numAffectedRows ?? 0n) > 0n
}

/** What is known of a room besides its meetings. */
export interface StoredRoom {
  roomKey: string
  broughtBy: string | null
  broughtAt: Date | null
  broughtHow: 'first_known' | 'recognised' | 'administrator' | null
  closedAt: Date | null
  closedBy: string | null
}

export async function readRoomRow(db: Database | Transaction, roomKey: string): Promise<StoredRoom | undefined> {
  return db
    .selectFrom('room')
    .select(['roomKey', 'broughtBy', 'broughtAt', 'broughtHow', 'closedAt', 'closedBy'])
    .where('roomKey', '=', roomKey)
    .executeTakeFirst()
}

/** Writes some of what is known of a room, which must be locked. */
export async function writeRoom(
  trx: Transaction,
  { roomKey, ...set }: Pick<StoredRoom, 'roomKey'> & Partial<StoredRoom>,
  now: Date,
): Promise<void> {
  const unknown = { broughtBy: null, broughtAt: null, broughtHow: null }
  await trx
    .insertInto('room')
    .values({ ...unknown, ...set, roomKey, knownSince: now })
    .onConflict((conflict) => conflict.column('roomKey').doUpdateSet(set))
    .execute()
}

/** The invitations of a room's meetings that are not over. */
export async function listOccurrencesInRoom(trx: Transaction, roomKey: string, now: Date): Promise<OccurrenceRef[]> {
  return trx
    .selectFrom('occurrence')
    .innerJoin('meeting', 'meeting.id', 'occurrence.meetingId')
    .select(['occurrence.roomKey', 'occurrence.uid', 'occurrence.occurrenceKey'])
    .where('meeting.roomKey', '=', roomKey)
    .where('meeting.endsAt', '>', now)
    .execute()
}

/** Other meetings of the same room at the same time. */
export async function listOtherMeetings(
  trx: Transaction,
  meeting: Pick<Meeting, 'id' | 'roomKey' | 'startsAt' | 'endsAt'>,
): Promise<{ id: string }[]> {
  return trx
    .selectFrom('meeting')
    .select('id')
    .where('roomKey', '=', meeting.roomKey)
    .where('id', '!=', meeting.id)
    .where('startsAt', '<', meeting.endsAt)
    .where('endsAt', '>', meeting.startsAt)
    .orderBy('id')
    .execute()
}

/**
 * On whose invitation a bot comes, where that may surprise those in the room: nobody but its owner accepted the meeting, or none of its own people
 * was ever invited there by the colleague who brought the room. An address; undefined where nobody will wonder.
 */
export async function readUnusualInviter(db: Database, meetingId: string): Promise<string | undefined> {
  const { rows } = await sql<{ inviter: string | null; provenOrganizer: string | null; isUnusual: boolean }>`
    select coalesce(m.proven_organizer, m.circle[1]) as inviter, m.proven_organizer, (not m.is_accepted_by_others
      or (r.brought_by is not null and r.brought_by is distinct from m.proven_organizer and not exists (
        select from occurrence o
          join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
          join calendar c on c.id = e.calendar_id
          join event b on b.room_key = m.room_key and b.is_organizer_copy and b.organizer_email = r.brought_by
        where o.meeting_id = m.id and not e.is_cancelled and (e.own_response = 'accepted' or e.is_organizer_copy)
          and (c.owner_email = r.brought_by or b.attendees @> jsonb_build_array(jsonb_build_object('email', c.owner_email)))))) as is_unusual
    from meeting m left join room r on r.room_key = m.room_key where m.id = ${meetingId}::uuid`.execute(db)
  const [meeting] = rows
  if (!meeting) return undefined
  const refs = await listRefsOf(db, meetingId)
  const isSole =
    !meeting.isUnusual && (await listAcceptedByOne(db, [{ ...meeting, id: meetingId, refs }])).has(meetingId)
  return meeting.isUnusual || isSole ? (meeting.inviter ?? undefined) : undefined
}
