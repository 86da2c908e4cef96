import type { Clock } from '../../src/base/clock.ts'
import type { ChatMessage } from './messages.ts'
import type { Guest, Line, Seat } from './seat.ts'
import { createSeating, type Vouched } from './seating.ts'
import { mostAtOnce, type Visit } from './visits.ts'

/** A meeting room as a test or a host sees it. Orders for an id that is not there throw. */
export interface Room {
  readonly name: string
  /** On: whoever joins waits until admitted. Those who wait already keep waiting when it goes off. */
  lobby: boolean
  /** After this time in the lobby somebody is sent away; null (the beginning): never. */
  lobbyTimeoutMs: number | null
  /** Who is in the room, in the order of their coming. */
  participants(): readonly Visit[]
  /** Who is in the lobby. */
  waiting(): readonly Visit[]
  /** Everybody who ever knocked, the newest 2,000, oldest first. */
  readonly visits: readonly Visit[]
  /** The newest 1,000 lines of the chat. */
  readonly chat: readonly ChatMessage[]
  admit(id: string): void
  deny(id: string): void
  /** As if nobody had answered the knock for long enough. */
  timeOut(id: string): void
  remove(id: string): void
  rename(id: string, name: string): void
  /** From now on whoever comes under this name is vouched for: signed in with an address, or a room's own device. */
  vouchFor(name: string, as: Vouched): void
  /** Sends everybody away, the lobby too. The next who comes begins a new meeting. */
  end(): void
  /** The most participants there ever were at one instant, of all or of those who count. */
  peak(isCounted?: (visit: Visit) => boolean): number
  /** Whether two (or `count`) of those who count were ever in the room at one instant. */
  wereEverPresentAtOnce(isCounted: (visit: Visit) => boolean, count?: number): boolean
  /** Resolves when it holds, asked anew after whatever happens in the room. */
  until(holds: (room: Room) => boolean, signal?: AbortSignal): Promise<void>
}

/** A room with its door, which only the signalling uses. */
export interface RoomWithDoor extends Room {
  /** Somebody knocks, and is in or in the lobby at once. */
  knock(guest: Guest, line: Line): Seat
}

/** A room without anybody in it. */
export function createRoom({ name, clock }: { name: string; clock: Clock }): RoomWithDoor {
  const vouched = new Map<string, Vouched>()
  const seating = createSeating(clock, (guest) => vouched.get(guest) ?? {})
  const room: RoomWithDoor = {
    name,
    lobby: false,
    lobbyTimeoutMs: null,
    participants: () => seating.in('room').map(({ visit }) => visit),
    waiting: () => seating.in('lobby').map(({ visit }) => visit),
    visits: seating.visits,
    chat: seating.chat,
    knock: (guest, line) => seating.take(guest, line, { waits: room.lobby, timeoutMs: room.lobbyTimeoutMs }),
    admit: (id) => seating.find(id, 'lobby').enter(),
    deny: (id) => seating.find(id, 'lobby').end('denied'),
    timeOut: (id) => seating.find(id, 'lobby').end('lobby_timed_out'),
    remove: (id) => seating.find(id, 'room').end('removed'),
    rename: (id, newName) => seating.find(id, 'room').receive({ type: 'rename', name: newName }),
    vouchFor: (guest, as) => void vouched.set(guest, as),
    end() {
      for (const seat of [...seating.in('lobby'), ...seating.in('room')]) seat.end('ended')
    },
    peak: (isCounted = () => true) => mostAtOnce(seating.visits, isCounted),
    wereEverPresentAtOnce: (isCounted, count = 2) => mostAtOnce(seating.visits, isCounted) >= count,
    until: (holds, signal) => seating.changes.until(() => holds(room), signal),
  }
  return room
}
