import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { hasAccount, type Person, personOf } from '../people/index.ts'
import { readInvitation } from './invited-people-store.ts'
import {
  addInvitedReaders,
  listMeetingReaders,
  listUnsettledReaderLists,
  type MeetingReader,
  markReadersSettled,
  type ReaderListState,
  readReaderListState,
} from './meeting-reader-store.ts'
import type { InvitedPerson } from './sharing.ts'

export interface MeetingPeopleDeps {
  db: Database
  clock: Clock
}

/** Somebody of a meeting: invited, or given access by name. */
export interface MeetingPerson extends InvitedPerson {
  /** Persons are compared, never addresses. */
  person: Person
}

/**
 * The people of a meeting. Until it is over, those invited at present; afterwards whoever was invited at its end, and whom its proven organiser
 * invited later, for good. Given access adds, taking away by name removes. Writes down who was invited, once. Each person once.
 */
export async function readMeetingPeople(deps: MeetingPeopleDeps, meetingId: string): Promise<MeetingPerson[]> {
  const { state, invitation } = await readInvited(deps, meetingId)
  if (state?.isOver) await settleReaders(deps, meetingId, state, invitation)
  const known = new Map(invitation.people.map((one) => [one.person, one]))
  const people = new Map<Person, MeetingPerson>(state?.isOver ? [] : known)
  for (const { person, address, why } of await listResolved(deps.db, meetingId)) {
    if (why === 'removed') people.delete(person)
    else people.set(person, known.get(person) ?? { person, email: address, name: null, hasCalendar: false })
  }
  return [...people.values()].sort((a, b) => (a.email < b.email ? -1 : 1))
}

/** Writes down who may read, for meetings that are over. For whoever sweeps; may run any number of times. */
export async function settleReadersOfEnded(deps: MeetingPeopleDeps, limit: number): Promise<void> {
  for (const meetingId of await listUnsettledReaderLists(deps.db, deps.clock.now(), limit)) {
    const { state, invitation } = await readInvited(deps, meetingId)
    if (state?.isOver) await settleReaders(deps, meetingId, state, invitation)
  }
}

interface InvitedPersons {
  people: MeetingPerson[]
  isProven: boolean
}

/** Who is invited, each person once; of a meeting that is over, as whoever had those addresses at its end. */
async function readInvited(
  { db, clock }: MeetingPeopleDeps,
  meetingId: string,
): Promise<{ state: ReaderListState | undefined; invitation: InvitedPersons }> {
  const state = await readReaderListState(db, meetingId, clock.now())
  const { people, isProven } = await readInvitation(db, meetingId)
  const persons = await personOf(db, people.map(emailOf), state?.isOver ? state.endsAt : undefined)
  const byPerson = new Map<Person, MeetingPerson>()
  for (const one of people) {
    const person = persons.get(one.email) ?? one.email
    if (!byPerson.has(person)) byPerson.set(person, { ...one, person })
  }
  return { state, invitation: { people: [...byPerson.values()], isProven } }
}

async function settleReaders(
  { db, clock }: MeetingPeopleDeps,
  meetingId: string,
  { endsAt, settledAt }: ReaderListState,
  { people, isProven }: InvitedPersons,
): Promise<void> {
  const now = clock.now()
  if (settledAt !== null) {
    if (isProven) await addNewcomers(db, meetingId, people, now)
    return
  }
  await inTransaction(db, async (trx) => {
    if ((await readReaderListState(trx, meetingId, now))?.settledAt !== null) return
    const readers = people.map(({ person, email: address }) => ({ person, address }))
    await addInvitedReaders(trx, meetingId, readers, { by: null, at: endsAt })
    await markReadersSettled(trx, meetingId, now)
  })
}

/**
 * Adds whom the organiser invited after the end. An address that was on the list then is no newcomer, whoever has it now: who was invited was
 * its holder of that time.
 */
async function addNewcomers(
  db: Database,
  meetingId: string,
  invited: readonly MeetingPerson[],
  now: Date,
): Promise<void> {
  const readers = await listResolved(db, meetingId)
  const known = new Set(readers.flatMap(({ person, address }) => [person, address]))
  const newcomers = invited.filter(({ person, email }) => !known.has(person) && !known.has(email))
  if (newcomers.length === 0) return
  const persons = await personOf(db, newcomers.map(emailOf))
  const added = newcomers.map(({ email }) => ({ person: persons.get(email) ?? email, address: email }))
  await inTransaction(db, (trx) => addInvitedReaders(trx, meetingId, added, { by: null, at: now }))
}

async function listResolved(db: Database, meetingId: string): Promise<MeetingReader[]> {
  return await resolve(db, await listMeetingReaders(db, meetingId))
}

function emailOf({ email }: { email: string }): string {
  return email
}

/** The directory may have learnt since whose account an address was at that time. */
async function resolve(db: Database, readers: readonly MeetingReader[]): Promise<MeetingReader[]> {
  const unknown = readers.filter(({ person }) => !hasAccount(person))
  const resolved = new Map<MeetingReader, Person>()
  for (const [at, some] of Map.groupBy(unknown, (reader) => reader.at.getTime())) {
    const persons = await personOf(
      db,
      some.map(({ address }) => address),
      new Date(at),
    )
    for (const reader of some) resolved.set(reader, persons.get(reader.address) ?? reader.person)
  }
  return readers.map((reader) => ({ ...reader, person: resolved.get(reader) ?? reader.person }))
}
