import type { Clock } from '../../src/base/clock.ts'
import { createRoom, type Room, type RoomWithDoor } from './room.ts'

/** All rooms of a sandbox. */
export interface Rooms {
  /** The room of this name; names that differ in capitals are one room, as they are one link to the product. */
  room(name: string): Room
  /** From now on whoever comes by this name is sent on to another room's own address; to none where that is left out. */
  lead(name: string, to?: string): void
  /** The name of the room to which a name leads. */
  leadsTo(name: string): string
}

export interface RoomsWithDoors extends Rooms {
  room(name: string): RoomWithDoor
}

/** Rooms begin to exist when somebody asks for them. All is in memory. */
export function createRooms({ clock }: { clock: Clock }): RoomsWithDoors {
  const rooms = new Map<string, RoomWithDoor>()
  const led = new Map<string, string>()
  const keyOf = (name: string) => {
    if (!isRoomName(name)) throw new Error(`${JSON.stringify(name)} is no name for a room`)
    return name.normalize('NFC').toLowerCase()
  }
  return {
    lead(name, to) {
      if (to === undefined) led.delete(keyOf(name))
      else led.set(keyOf(name), to)
    },
    leadsTo: (name) => led.get(keyOf(name)) ?? name,
    room(name) {
      const key = keyOf(name)
      const room = rooms.get(key) ?? createRoom({ name, clock })
      rooms.set(key, room)
      return room
    },
  }
}

/** As the product reads room links: one segment, no dots, nothing invisible. */
export function isRoomName(name: string): boolean {
  return name.length > 0 && name.length <= 200 && !/[/\\.\p{C}]/u.test(name)
}
