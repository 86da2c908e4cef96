import { sql } from 'kysely'
import type { Transaction } from '../../../platform/db/index.ts'
import type { NamedRoom } from '../../calendars/index.ts'
import type { Meeting } from '../meeting.ts'
import { jsonColumns } from '../meeting-store.ts'

/** The rooms to which some links lead that are called otherwise, by what the links call them. */
export async function readRoomAliases(trx: Transaction, aliasKeys: readonly string[]): Promise<Map<string, NamedRoom>> {
  if (aliasKeys.length === 0) return new Map()
  const rows = await trx
    .selectFrom('roomAlias')
    .select(['aliasKey', 'platform', 'roomId', 'roomKey'])
    .where('aliasKey', '=', sql<string>`any(${aliasKeys}::text[])`)
    .execute()
  return new Map(rows.map(({ aliasKey, ...room }) => [aliasKey, room]))
}

/** Writes down where a link leads; of the room's own name, and of a link that leads to itself, nothing is to be known. */
export async function writeRoomAlias(trx: Transaction, aliasKey: string, to: NamedRoom, now: Date): Promise<void> {
  await trx.deleteFrom('roomAlias').where('aliasKey', 'in', [aliasKey, to.roomKey]).execute()
  if (to.roomKey !== aliasKey)
    await trx
      .insertInto('roomAlias')
      .values({ aliasKey, ...to, knownAt: now })
      .execute()
}

/** The meetings of a room that are not over. */
export async function listComingInRoom(trx: Transaction, roomKey: string, now: Date): Promise<Meeting[]> {
  const rows = await trx
    .selectFrom('meeting')
    .selectAll()
    .where('roomKey', '=', roomKey)
    .where('endsAt', '>', now)
    .execute()
  return rows.map((row) => ({ ...(row as unknown as Meeting), ...jsonColumns(row) }))
}

/** Has some meetings be in another room from the beginning, and whatever their invitations are called there. */
export async function moveMeetingsToRoom(
  trx: Transaction,
  meetingIds: readonly string[],
  to: NamedRoom,
  now: Date,
): Promise<void> {
  await sql`insert into occurrence (room_key, uid, occurrence_key, meeting_id)
    select ${to.roomKey}, uid, occurrence_key, meeting_id from occurrence where meeting_id = any(${meetingIds}::uuid[])
    on conflict do nothing`.execute(trx)
  await sql`update meeting set platform = ${to.platform}, room_id = ${to.roomId}, room_key = ${to.roomKey}, updated_at = ${now}
    where id = any(${meetingIds}::uuid[])`.execute(trx)
}

/** Of two names of one room: what an administrator said of who brought it counts, else what was first. */
export async function joinRooms(trx: Transaction, aliasKey: string, roomKey: string): Promise<void> {
  await sql`
    insert into room as r (room_key, brought_by, brought_at, brought_how, closed_at, closed_by, known_since)
    select ${roomKey}, brought_by, brought_at, brought_how, closed_at, closed_by, known_since from room where room_key = ${aliasKey}
    on conflict (room_key) do update set brought_by = excluded.brought_by, brought_at = excluded.brought_at,
      brought_how = excluded.brought_how, closed_at = excluded.closed_at, closed_by = excluded.closed_by
    where excluded.brought_by is not null and (r.brought_by is null
      or (excluded.brought_how <> 'administrator', excluded.brought_at) < (r.brought_how <> 'administrator', r.brought_at))`.execute(
    trx,
  )
}
