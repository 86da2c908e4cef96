import { sql } from 'kysely'
import type { Database } from '../../../platform/db/index.ts'

/** What our bots saw of a room before. */
interface RoomHistory {
  /** The meeting whose bot had the room last, if nothing but a loss of ours ended that; undefined where it was over. */
  lastHeld: string | undefined
  /** Since when people were seen there: by what the platform calls them, and by who they are. In milliseconds since 1970. */
  arrivals: ReadonlyMap<string, number>
}

/** Reads what our bots saw of a room since an instant, of those people alone who are there now. */
export async function readRoomHistory(
  db: Database,
  input: {
    roomKey: string
    meetingIds: readonly string[]
    nativeIds: readonly string[]
    persons: readonly string[]
    since: Date
  },
): Promise<RoomHistory> {
  const { meetingIds, nativeIds, persons, since, roomKey } = input
  if (meetingIds.length === 0) return { lastHeld: undefined, arrivals: new Map() }
  const { rows: last } = await sql<{ meetingId: string; outcome: string | null }>`
    select b.meeting_id, b.outcome from bot b join bot_event e on e.bot_id = b.id
    where b.meeting_id = any(${meetingIds}::uuid[]) and b.room_key = ${roomKey} and e.new_state = 'joined_recording'
      and e.old_state <> 'joined_recording' and e.created_at > ${since}
    order by e.id desc limit 1`.execute(db)
  const { rows } = await sql<{ nativeId: string; person: string | null; at: Date }>`
    select p.native_id, p.person, min(p.joined_at) as at from bot b join participant p on p.bot_id = b.id
    where b.meeting_id = any(${meetingIds}::uuid[]) and b.room_key = ${roomKey} and p.joined_at > ${since}
      and (p.native_id = any(${nativeIds}::text[]) or p.person = any(${persons}::text[]))
    group by 1, 2`.execute(db)
  const arrivals = new Map<string, number>()
  for (const { nativeId, person, at } of rows)
    for (const key of person === null ? [nativeId] : [nativeId, person])
      arrivals.set(key, Math.min(arrivals.get(key) ?? Number.POSITIVE_INFINITY, at.getTime()))
  const wasLost = last[0] && (last[0].outcome === null || last[0].outcome === 'infrastructure')
  return { lastHeld: wasLost ? last[0]?.meetingId : undefined, arrivals }
}

/** Somebody whom another bot of ours sees in a room. */
interface SeenElsewhere {
  nativeId: string
  name: string | null
  email: string | null
  at: Date
}

/** Who is in a room by what a bot of ours there tells, besides bots of ours and those of a job; undefined where none is there. */
export async function readPeopleElsewhere(
  db: Database,
  input: { roomKey: string; jobId: string; since: Date },
): Promise<SeenElsewhere[] | undefined> {
  const { rows } = await sql<Partial<SeenElsewhere> & { botId: string }>`
    select b.id as bot_id, p.native_id, p.name, p.email, p.joined_at as at
    from bot b left join participant p on p.bot_id = b.id and p.left_at is null and not p.is_own_bot
    where b.room_key = ${input.roomKey} and b.state = 'joined_recording' and b.join_at > ${input.since}
      and b.job_id is distinct from ${input.jobId}::uuid`.execute(db)
  if (rows.length === 0) return undefined
  return rows.flatMap(({ nativeId, name = null, email = null, at }) =>
    nativeId && at ? [{ nativeId, name, email, at }] : [],
  )
}
