import { sql } from 'kysely'
import { type Database, oneByOne, type Transaction } from '../../../platform/db/index.ts'
import type { Meeting } from '../meeting.ts'
import { jsonColumns } from '../meeting-store.ts'
import type { Room } from './settle-rooms.ts'

/** A room in a span of time. */
export interface RoomSpan {
  roomKey: string
  from: Date
  until: Date
}

type Row = Omit<Meeting, 'reasonDetail' | 'standing' | 'ownVerdict'> & {
  reasonDetail: unknown
  standing: unknown
  ownVerdict: unknown
}

/** What stands in some rooms, and what is known of the rooms themselves; those of which nothing is are left out. */
interface RoomsWithin {
  meetings: Meeting[]
  rooms: Map<string, Room>
}

/** The stored meetings that are to take place in some rooms within some spans and are not over. The rooms must be locked. */
export async function readRoomsWithin(
  trx: Database | Transaction,
  wanted: readonly RoomSpan[],
  now: Date,
): Promise<RoomsWithin> {
  const spans = joinSpans(wanted)
  if (spans.length === 0) return { meetings: [], rooms: new Map() }
  const { rows } = await sql<
    Row & { inRoom: string; isKnown: boolean; broughtBy: string | null; closedAt: Date | null }
  >`
    select m.*, s.room_key as in_room, r.room_key is not null as is_known, r.brought_by, r.closed_at
    from unnest(${spans.map(({ roomKey }) => roomKey)}::text[], ${spans.map(({ from }) => from.toISOString())}::timestamptz[],
        ${spans.map(({ until }) => until.toISOString())}::timestamptz[]) as s (room_key, from_at, until_at)
      left join room r on r.room_key = s.room_key
      left join ${oneByOne(sql`select * from meeting m where m.room_key = s.room_key and m.starts_at < s.until_at
        and m.ends_at > greatest(s.from_at, ${now}::timestamptz) and (m.supporting > 0 or m.uid = 'sent-' || m.id::text)`)} m
        on true`.execute(trx)
  const meetings = new Map<string, Meeting>()
  const rooms = new Map<string, Room>()
  for (const { inRoom: roomKey, isKnown, broughtBy, closedAt, ...row } of rows) {
    if (isKnown) rooms.set(roomKey, { roomKey, broughtBy, isClosed: closedAt !== null, openTo: new Set() })
    if (row.id !== null) meetings.set(row.id, { ...row, ...jsonColumns(row) })
  }
  return { meetings: [...meetings.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), rooms }
}

/** Spans of one room that overlap as one: each of many would give each of many meetings again. */
function joinSpans(spans: readonly RoomSpan[]): RoomSpan[] {
  return [...Map.groupBy(spans, ({ roomKey }) => roomKey).values()].flatMap((ofRoom) => {
    const joined: RoomSpan[] = []
    for (const span of ofRoom.toSorted((a, b) => a.from.getTime() - b.from.getTime())) {
      const last = joined.at(-1)
      if (!last || span.from >= last.until) joined.push({ ...span })
      else if (span.until > last.until) joined[joined.length - 1] = { ...last, until: span.until }
    }
    return joined
  })
}

/** Of some meetings those of whose own people somebody was ever invited to their room by who brought it. */
export async function listOpenTo(trx: Transaction, meetingIds: readonly string[]): Promise<Set<string>> {
  if (meetingIds.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    select m.id from meeting m join room r on r.room_key = m.room_key
    where m.id = any(${meetingIds}::uuid[]) and exists (
      select from occurrence o
        join event e on e.room_key = o.room_key and e.uid = o.uid and e.occurrence_key = o.occurrence_key
        join calendar c on c.id = e.calendar_id
        join event b on b.room_key = m.room_key and b.is_organizer_copy and b.organizer_email = r.brought_by
      where o.meeting_id = m.id and e.own_response = 'accepted' and not e.is_cancelled and not e.has_vanished
        and b.attendees @> jsonb_build_array(jsonb_build_object('email', c.owner_email)))`.execute(trx)
  return new Set(rows.map(({ id }) => id))
}
