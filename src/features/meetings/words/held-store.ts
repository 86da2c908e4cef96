import { sql } from 'kysely'
import type { Transaction } from '../../../platform/db/index.ts'

/** When a meeting first held its room in fact; one that did before stays as it is. */
export async function setHeld(trx: Transaction, meetingId: string, at: Date): Promise<void> {
  await trx.updateTable('meeting').set({ heldAt: at }).where('id', '=', meetingId).where('heldAt', 'is', null).execute()
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
