import type { Clock } from '../../../base/clock.ts'
import { type Database, inTransaction } from '../../../platform/db/index.ts'
import { noteRoomBrought } from './note-held.ts'
import { readRoomPicture } from './room-picture-store.ts'

/** What the directory says of people. */
export interface WhoIsWho {
  recognise(
    db: Database,
    people: readonly { email?: string | null; name: string | null }[],
  ): Promise<({ person: string; address: string } | undefined)[]>
  addressesOf(db: Database, person: string): Promise<string[]>
}

/** Remembers whose meeting was held in a room first by those who were there, where they are known only at its end. May run twice. */
export async function noteBroughtAtLast(
  { db, clock, directory }: { db: Database; clock: Clock; directory: WhoIsWho },
  input: { roomKey: string; meetingId: string; people: readonly { name: string | null; email?: string }[] },
): Promise<void> {
  const { roomKey, meetingId, people } = input
  const found = await directory.recognise(db, people)
  const recognised = await Promise.all(
    found
      .flatMap((one) => (one ? [one] : []))
      .map(async ({ person, address }) => {
        return { address, addresses: [...new Set([address, ...(await directory.addressesOf(db, person))])] }
      }),
  )
  const facts = await readRoomPicture(db, { roomKey, now: clock.now(), recognised, seated: [meetingId] })
  const held = facts.meetings.find(({ id }) => id === meetingId)
  if (!held || facts.broughtBy !== null || people.length === 0) return
  const isNamed = people.some(({ name, email }) => name !== null || email !== undefined)
  const how = held.own.size > 0 ? 'recognised' : isNamed ? undefined : 'first_known'
  if (how) await inTransaction(db, (trx) => noteRoomBrought(trx, { roomKey, meetingId, how, at: clock.now() }))
}
