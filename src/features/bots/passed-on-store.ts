import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'

/** A bot of another meeting, of the same runner, that is in a room or on its way into it; the one whose meeting ends last. */
export async function readOtherInRoom(
  db: Database,
  bot: { id: string; meetingId: string; roomKey: string; runner: string },
): Promise<{ meetingId: string; endsAt: Date } | undefined> {
  return db
    .selectFrom('bot')
    .innerJoin('meeting', 'meeting.id', 'bot.meetingId')
    .select(['bot.meetingId', 'meeting.endsAt'])
    .where('bot.roomKey', '=', bot.roomKey)
    .where('bot.runner', '=', bot.runner)
    .where('bot.meetingId', '!=', bot.meetingId)
    .where('bot.id', '!=', bot.id)
    .where('bot.state', 'in', ['joining', 'waiting_room', 'joined_recording'])
    .where('bot.wanted', '=', 'attend')
    .orderBy('meeting.endsAt', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** How a meeting whose bot sat on a server lost its room: when the next one's bot was ordered, and whose bots came while it was still there. */
export interface PassedOn {
  at: Date
  meetingIds: readonly string[]
}

/**
 * Which other meetings' bots were ordered into the room in which a server's bot sat, and came there; undefined where none was. `until`: before this
 * instant. `orMayBe`: also where it has not come yet.
 */
export async function readPassedOn(
  db: Database,
  botId: string,
  { until, orMayBe = false }: { until?: Date; orMayBe?: boolean } = {},
): Promise<PassedOn | undefined> {
  const { rows } = await sql<{ at: Date | null; meetingIds: string[] | null }>`
    select min(t.created_at) as at, array_agg(distinct o.meeting_id) as meeting_ids from bot mine
      join bot o on o.room_key = mine.room_key and o.meeting_id <> mine.meeting_id and o.runner = mine.runner
      join attendee_bot t on t.bot_id = o.id
    where mine.id = ${botId} and coalesce(t.created_at < ${until ?? null}::timestamptz, true)
      and t.created_at > (select min(e.created_at) from bot_event e where e.bot_id = mine.id and e.new_state = 'joined_recording')
      and (${orMayBe} or exists (select from bot_event e where e.bot_id = o.id and e.new_state = 'joined_recording'))`.execute(
    db,
  )
  const [row] = rows
  return row?.at ? { at: row.at, meetingIds: row.meetingIds ?? [] } : undefined
}
