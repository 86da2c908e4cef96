/** How a room receives whoever knocks. */
export type Door = 'open' | 'lobby' | 'denies' | 'silent'

export interface Presence {
  botId: string
  roomKey: string
  runner: string
}

/** The rooms, as the rooms themselves count: who of ours is in them, whatever any row says. */
export function createSimRooms() {
  const doors = new Map<string, Door>()
  const present = new Set<Presence>()
  const wereTwo: string[] = []

  return {
    doorOf: (roomKey: string): Door => doors.get(roomKey) ?? 'open',
    setDoor: (roomKey: string, door: Door) => void doors.set(roomKey, door),
    /** Notes it for good where two of ours are in one room at one instant. Answers how to leave. */
    enter(presence: Presence): () => void {
      const other = [...present].find((one) => one.roomKey === presence.roomKey)
      // One that cannot hand its seat on is relieved by the next one, who comes first.
      if (other && !(other.runner === 'attendee' && presence.runner === 'attendee'))
        wereTwo.push(`${other.botId} and ${presence.botId} in ${presence.roomKey}`)
      present.add(presence)
      return () => void present.delete(presence)
    },
    present: () => [...present],
    /** Every time two of ours were in one room. */
    wereTwo,
  }
}

export type SimRooms = ReturnType<typeof createSimRooms>
