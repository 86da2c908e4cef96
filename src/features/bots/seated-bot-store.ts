import { sql } from 'kysely'
import type { Transaction } from '../../platform/db/index.ts'

/** The meetings whose bots are in a room, or on their way into it, and are to stay. */
export async function listSeatedMeetings(trx: Transaction, roomKey: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('bot')
    .select('meetingId')
    .distinct()
    .where('roomKey', '=', roomKey)
    .where('state', 'in', ['joining', 'waiting_room', 'joined_recording'])
    .where('wanted', '=', 'attend')
    .execute()
  return rows.map(({ meetingId }) => meetingId)
}

/** Whether a bot of our browser was ever in a room under a name. */
export async function wasEntered(trx: Transaction, roomKey: string): Promise<boolean> {
  const { rows } = await sql`select from bot b join bot_event e on e.bot_id = b.id
    where b.room_key = ${roomKey} and b.runner = 'browser' and e.new_state = 'joined_recording' limit 1`.execute(trx)
  return rows.length > 0
}
