import { sql } from 'kysely'
import type { Transaction } from '../../platform/db/index.ts'
import type { EventChange, EventFacts } from './event-facts.ts'
import { listEventsInRoom } from './event-store.ts'

/** A room by the name of its own. */
export interface NamedRoom {
  platform: string
  roomId: string
  roomKey: string
}

/**
 * Moves the coming events of one room to another: those whose link leads there, as their platform says. Their link, and since when they stand there,
 * stay as they are; `since` is when they do where that is new. Answers for the planner what that changes. Locks the calendars of these events.
 */
export async function moveEventsToRoom(
  trx: Transaction,
  input: { from: string; to: NamedRoom; leads(link: string): boolean; since: Date | null; now: Date },
): Promise<EventChange[]> {
  const { from, to, since, now } = input
  const moved = (await listEventsInRoom(trx, from, now)).filter(({ facts }) => input.leads(facts.meetingUrl ?? ''))
  await sql`update event set platform = ${to.platform}, room_id = ${to.roomId}, room_key = ${to.roomKey},
      placed_at = coalesce(${since}::timestamptz, placed_at), updated_at = ${now}
    where id = any(${moved.map(({ id }) => id)}::uuid[])`.execute(trx)
  return moved.map(({ facts }) => ({ before: facts, after: { ...facts, ...to, placedAt: since ?? facts.placedAt } }))
}

/**
 * The same for events that have just been written, by links that are known to lead to a room of another name: they were there already if they stood
 * there at the same time before.
 */
export async function followToRooms(
  trx: Transaction,
  changes: readonly EventChange[],
  rooms: ReadonlyMap<string, NamedRoom>,
): Promise<EventChange[]> {
  const followed = changes.map(({ before, after }) => {
    const to = rooms.get(after?.roomKey ?? '')
    if (!after || !to) return { before, after }
    return {
      before,
      after: { ...after, ...to, placedAt: stoodThere(before, after, to) ? before.placedAt : after.placedAt },
    }
  })
  const moved = followed.flatMap(({ after }, index) => (after && after !== changes[index]?.after ? [after] : []))
  await sql`
    update event e set platform = m.platform, room_id = m.room_id, room_key = m.room_key, placed_at = m.placed_at
    from unnest(${moved.map(({ ownerEmail }) => ownerEmail)}::text[], ${moved.map(({ uid }) => uid)}::text[],
        ${moved.map(({ occurrenceKey }) => occurrenceKey)}::text[], ${moved.map(({ platform }) => platform)}::text[],
        ${moved.map(({ roomId }) => roomId)}::text[], ${moved.map(({ roomKey }) => roomKey)}::text[],
        ${moved.map(({ placedAt }) => placedAt.toISOString())}::timestamptz[])
      as m (owner_email, uid, occurrence_key, platform, room_id, room_key, placed_at)
      join calendar c on c.owner_email = m.owner_email
    where e.calendar_id = c.id and e.uid = m.uid and e.occurrence_key = m.occurrence_key
      and e.room_key = any(${[...rooms.keys()]}::text[])`.execute(trx)
  return followed
}

function stoodThere(before: EventFacts | null, after: EventFacts, to: NamedRoom): before is EventFacts {
  return (
    before?.roomKey === to.roomKey &&
    before.startsAt.getTime() === after.startsAt.getTime() &&
    before.endsAt.getTime() === after.endsAt.getTime() &&
    before.isAllDay === after.isAllDay &&
    before.kind === after.kind &&
    !before.isCancelled &&
    !before.hasVanished &&
    before.ownResponse !== 'declined'
  )
}
