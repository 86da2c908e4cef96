import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import type { Person } from '../people/index.ts'

/** A time that somebody spent in the room, on the time line of the recording; `toMs` is null while it lasts. */
export interface Presence {
  fromMs: number
  toMs: number | null
}

/**
 * When a person was in a meeting's room, as far as the platform vouches for them by an address; a name alone gives no right. In the order
 * of their coming. Empty where nothing was recorded.
 */
export async function readPresence(db: Database, meetingId: string, person: Person): Promise<Presence[]> {
  const { rows } = await sql<{ fromMs: number; leftMs: number | null; endedMs: number | null }>`
    select (extract(epoch from s.joined_at - r.started_at) * 1000)::float8 as from_ms,
      (extract(epoch from s.left_at - r.started_at) * 1000)::float8 as left_ms, t.ended_ms
    from participant p
    join participant_stay s on s.participant_id = p.id
    join recording r on r.meeting_id = p.meeting_id
    left join part t on t.bot_id = p.bot_id
    where p.meeting_id = ${meetingId}::uuid and p.person = ${person} and p.email is not null and not p.is_own_bot
    order by s.joined_at`.execute(db)
  return rows.map(({ fromMs, leftMs, endedMs }) => {
    const ends = [leftMs, endedMs].filter((ms) => ms !== null)
    return { fromMs, toMs: ends.length === 0 ? null : Math.min(...ends) }
  })
}
