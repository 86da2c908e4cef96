import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { KnownPeople } from '../../people/index.ts'
import { type OccurrenceRef, occurrenceId } from '../occurrence.ts'
import { readOccurrences } from '../occurrence-store.ts'
import type { Authority } from './authority.ts'
import { findSpeakers } from './find-speakers.ts'
import { readHolders, readMeetingRefs, readNames } from './invited-store.ts'

/** Somebody whom a meeting invites. */
interface Invited {
  /** Lower case; by which they are known here. */
  address: string
  name: string | null
  /** Whether a copy of the invitation stands in their own calendar here. */
  hasCalendar: boolean
  hasAccepted: boolean
}

/** Who is invited to a meeting, by those who may say so. */
export interface InvitedList {
  organizer: string | null
  /** Whether the organiser's own calendar says it, not only a copy. */
  isProven: boolean
  /** By address; the organiser and the known members of groups among them. */
  people: Invited[]
  /** The groups that are invited, and whether the directory said who is in them. */
  groups: { address: string; isKnown: boolean }[]
}

/**
 * Who is invited to a meeting as its invitation stands: the proven organiser and whom their copy names, however many, else the first circle and
 * whom it names; of a meeting that somebody made by sending a bot, that person. Rooms are nobody. An outsider's copy adds nobody.
 */
export async function readInvited(
  db: Database | Transaction,
  meetingId: string,
  knownPeople: (db: Database | Transaction) => Promise<KnownPeople>,
): Promise<InvitedList> {
  const { refs, sender } = await readMeetingRefs(db, meetingId)
  if (refs.length === 0) return sentBy(sender)
  const known = await knownPeople(db)
  const own = await readAuthorities(db, refs, known)
  const holders = await readHolders(db, refs)
  const speaking = [...holders.keys()].filter((owner) => own.some((authority) => authority.isInvited(owner)))
  return listOf(own, { known, holders, names: await readNames(db, refs, speaking) })
}

/** Who may say what some invitations are, one for each that is known. */
export async function readAuthorities(
  db: Database | Transaction,
  refs: readonly OccurrenceRef[],
  known: KnownPeople,
): Promise<Authority[]> {
  const { heard } = await readOccurrences(db, refs, [], [])
  const { occurrences } = await findSpeakers(db, heard, [], known)
  const wanted = new Set(refs.map(occurrenceId))
  return occurrences.filter((one) => wanted.has(occurrenceId(one))).map(({ authority }) => authority)
}

function sentBy(sender: string | null): InvitedList {
  const people = sender === null ? [] : [{ address: sender, name: null, hasCalendar: true, hasAccepted: true }]
  return { organizer: sender, isProven: sender !== null, people, groups: [] }
}

interface Details {
  known: KnownPeople
  /** Who holds copies, and whether they accepted. */
  holders: ReadonlyMap<string, { hasAccepted: boolean }>
  names: ReadonlyMap<string, string>
}

function listOf(authorities: readonly Authority[], { known, holders, names }: Details): InvitedList {
  // Where the organiser's calendar is here no more, the list is the first circle's.
  const proven = authorities.find((one) => one.provenOrganizer !== null && one.circleVariants.size === 0)
  const groups = [...new Set(authorities.flatMap((authority) => [...authority.groups]))].sort()
  const members = groups.flatMap((group) => [...(known.membersOf(group)?.members ?? [])])
  const addresses = new Set([...authorities.flatMap((authority) => [...authority.named]), ...members])
  return {
    organizer: (proven ?? authorities[0])?.organizer ?? null,
    isProven: proven !== undefined,
    people: [...addresses].sort().map((address) => ({
      address,
      name: names.get(address) ?? null,
      hasCalendar: holders.has(address),
      hasAccepted: holders.get(address)?.hasAccepted ?? false,
    })),
    groups: groups.map((address) => ({ address, isKnown: known.membersOf(address) !== undefined })),
  }
}

/** Whether somebody is among those whom a meeting invites. */
export function isOnList(list: InvitedList, address: string): boolean {
  return list.people.some((person) => person.address === address.toLowerCase())
}
