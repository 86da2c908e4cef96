import type { SeatedParticipant } from '../../src/features/attendance/runners/runner.ts'

/** How a room receives whoever knocks. */
export type Door = 'open' | 'lobby' | 'denies' | 'silent'

export interface Presence {
  botId: string
  roomKey: string
  runner: string
}

/** What a bot in a room is told of the people there. */
export interface Ear {
  sees(change: 'joined' | 'left', participant: SeatedParticipant): void
  hears(nativeId: string): void
}

/** The rooms, as the rooms themselves count: who of ours is in them, whatever any row says. Where they are peopled, bots stay as long as people do. */
export function createSimRooms({ arePeopled = false } = {}) {
  const doors = new Map<string, Door>()
  const present = new Set<Presence>()
  const wereTwo: string[] = []
  const people = new Map<string, Map<string, SeatedParticipant>>()
  const ears = new Map<string, Set<Ear>>()
  const peopleIn = (roomKey: string) => people.get(roomKey) ?? new Map<string, SeatedParticipant>()
  const earsIn = (roomKey: string) => ears.get(roomKey) ?? new Set<Ear>()

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
    arePeopled,
    isEmpty: (roomKey: string) => peopleIn(roomKey).size === 0,
    come(roomKey: string, person: SeatedParticipant): void {
      people.set(roomKey, peopleIn(roomKey).set(person.nativeId, person))
      for (const ear of earsIn(roomKey)) ear.sees('joined', person)
    },
    go(roomKey: string, nativeId: string): void {
      const person = peopleIn(roomKey).get(nativeId)
      peopleIn(roomKey).delete(nativeId)
      if (person) for (const ear of earsIn(roomKey)) ear.sees('left', person)
    },
    /** Somebody in a room says a word. */
    speak(roomKey: string, nativeId: string): void {
      for (const ear of earsIn(roomKey)) ear.hears(nativeId)
    },
    /** Tells of everybody who is there, and of what happens from now on. Answers how to stop. */
    listen(roomKey: string, ear: Ear): () => void {
      ears.set(roomKey, earsIn(roomKey).add(ear))
      for (const person of peopleIn(roomKey).values()) ear.sees('joined', person)
      return () => void earsIn(roomKey).delete(ear)
    },
    /** Every time two of ours were in one room. */
    wereTwo,
  }
}

export type SimRooms = ReturnType<typeof createSimRooms>
