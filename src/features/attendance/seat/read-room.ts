import type { Clock } from '../../../base/clock.ts'
import { HOUR_MS } from '../../../base/time.ts'
import type { Database } from '../../../platform/db/index.ts'
import { readRoomPicture } from '../../meetings/index.ts'
import type { KnownPeople } from '../../people/index.ts'
import { createBotNames } from '../runners/bot-names.ts'
import type { SeatedParticipant } from '../runners/runner.ts'
import { readPeopleElsewhere, readRoomHistory } from './room-history-store.ts'
import type { RecognisedGuest, RoomReading } from './room-watch.ts'

/** What the directory says of people; without it only an address that the platform vouches for tells who somebody is. */
export interface Directory {
  recognise(
    db: Database,
    people: readonly { email?: string | null; name: string | null }[],
  ): Promise<({ person: string; address: string } | undefined)[]>
  addressesOf(db: Database, person: string): Promise<string[]>
  /** What is known of groups and aliases, out of memory. */
  knownPeople?(db: Database): Promise<KnownPeople>
}

export const noDirectory: Directory = {
  recognise: async (_, people) =>
    people.map(({ email }) => (email ? { person: email.toLowerCase(), address: email.toLowerCase() } : undefined)),
  addressesOf: async (_, person) => [person],
}

/** How far back a room's people are looked for after a bot of ours was lost. */
const HISTORY_MS = 12 * HOUR_MS

/** Reads a room for its seat; whoever was recognised once stays it for as long as they are called the same. */
export function createRoomReader(
  deps: { db: Database; clock: Clock; directory: Directory; botName: string; otherBotNames: readonly string[] },
  seat: () => { roomKey: string; jobId: string; meetingIds: readonly string[] } | undefined,
): (present: readonly SeatedParticipant[], about: { isFirst: boolean; isIn: boolean }) => Promise<RoomReading> {
  const { db, clock, directory } = deps
  const botNames = createBotNames(deps.botName, deps.otherBotNames)
  const recognised = new Map<string, RecognisedGuest | undefined>()

  async function recogniseAll(present: readonly SeatedParticipant[]): Promise<Map<string, RecognisedGuest>> {
    const unknown = present.filter((participant) => !recognised.has(keyOf(participant)))
    const found = await directory.recognise(
      db,
      unknown.map(({ email, name }) => (email === undefined ? { name } : { email, name })),
    )
    for (const [index, participant] of unknown.entries()) {
      const one = found[index]
      const addresses = one && [...new Set([one.address, ...(await directory.addressesOf(db, one.person))])]
      recognised.set(keyOf(participant), one && addresses && { ...one, addresses })
    }
    return new Map(
      present.flatMap((participant) => {
        const guest = recognised.get(keyOf(participant))
        return guest ? [[participant.nativeId, guest] as const] : []
      }),
    )
  }

  return async (present, { isFirst, isIn }) => {
    const now = clock.now()
    const { roomKey, jobId, meetingIds } = seat() ?? { roomKey: '', jobId: '', meetingIds: [] }
    const since = new Date(now.getTime() - HISTORY_MS)
    const told = isIn || jobId === '' ? undefined : await readPeopleElsewhere(db, { roomKey, jobId, since })
    const others = told?.filter(({ name }) => !botNames.isAnothers(name))
    const seen = others?.map(({ nativeId, name, email }) => {
      return { nativeId, name, hasBotName: false, ...(email === null ? {} : { email }) }
    })
    const people = await recogniseAll([...present, ...(seen ?? [])])
    const elsewhere = others?.map(({ nativeId, at }) => {
      return { person: people.get(nativeId)?.address, sinceMs: at.getTime() }
    })
    const known = new Map([...people.values()].map((guest) => [guest.address, guest]))
    const knownPeople = await directory.knownPeople?.(db)
    const input = { roomKey, now, recognised: [...known.values()], seated: meetingIds }
    const facts = await readRoomPicture(db, knownPeople ? { ...input, knownPeople } : input)
    if (!isFirst) return { facts, people, elsewhere }
    const { lastHeld, arrivals } = await readRoomHistory(db, {
      roomKey,
      meetingIds: facts.meetings.map(({ id }) => id),
      nativeIds: present.map(({ nativeId }) => nativeId),
      persons: [...people.values()].map(({ person }) => person),
      since,
    })
    return { facts, people, elsewhere, arrivals, lastHeld }
  }
}

function keyOf({ nativeId, name, email }: SeatedParticipant): string {
  return JSON.stringify([nativeId, name, email ?? null])
}
