import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { readInvited as readInvitation } from '../meetings/index.ts'
import { createKnownPeople, hasAccount, type KnownPeople, type Person, personOf } from '../people/index.ts'
import {
  addInvitedReaders,
  claimReaderList,
  listMeetingReaders,
  listUnsettledReaderLists,
  type MeetingReader,
  type ReaderListState,
  readReaderListState,
} from './meeting-reader-store.ts'
import type { InvitedPerson } from './sharing.ts'

export interface MeetingPeopleDeps {
  db: Database
  clock: Clock
  /** What the directory knows of people and groups; read anew each time where left out. */
  knownPeople?(db: Database | Transaction): Promise<KnownPeople>
}

/** Somebody of a meeting: invited, or given access by name. */
export interface MeetingPerson extends InvitedPerson {
  /** Persons are compared, never addresses. */
  person: Person
}

/**
 * The people of a meeting. Until it is over, those invited at present; afterwards whoever was invited at its end, and whom its proven organiser
 * invited later, for good. Given access adds, taking away by name removes. Each person once. Writes nothing.
 */
export async function readMeetingPeople(deps: MeetingPeopleDeps, meetingId: string): Promise<MeetingPerson[]> {
  const { state, invitation } = await readInvited(deps, meetingId)
  const readers = await listResolved(deps.db, meetingId)
  const isSettled = state?.settledAt !== undefined && state.settledAt !== null
  const current = isSettled ? await newcomersOf(deps.db, readers, invitation) : invitation.people
  const known = new Map([...invitation.people, ...current].map((one) => [one.person, one]))
  const people = new Map<Person, MeetingPerson>(current.map((one) => [one.person, one]))
  for (const { person, address, why } of readers) {
    if (why === 'removed') people.delete(person)
    else people.set(person, known.get(person) ?? { person, email: address, name: null, hasCalendar: false })
  }
  return [...people.values()].sort((a, b) => (a.email < b.email ? -1 : 1))
}

/**
 * Writes down who may read, for meetings that are over, and whom their organisers invited since. For whoever sweeps; may run any number of times.
 */
export async function settleReadersOfEnded(deps: MeetingPeopleDeps, limit: number): Promise<void> {
  for (const meetingId of await listUnsettledReaderLists(deps.db, deps.clock.now(), limit)) {
    const { state, invitation } = await readInvited(deps, meetingId)
    if (state?.isOver) await settleReaders(deps, meetingId, state, invitation)
  }
}

interface InvitedPersons {
  people: MeetingPerson[]
  /** Whose invitation it is, as that person's own calendar says. */
  provenOrganizer: Person | null
}

/** Who is invited, each person once; of a meeting that is over, as whoever had those addresses at its end. */
async function readInvited(
  { db, clock, knownPeople = createKnownPeople() }: MeetingPeopleDeps,
  meetingId: string,
): Promise<{ state: ReaderListState | undefined; invitation: InvitedPersons }> {
  const state = await readReaderListState(db, meetingId, clock.now())
  const { people: invited, organizer, isProven } = await readInvitation(db, meetingId, knownPeople)
  const persons = await personOf(
    db,
    [...invited.map(({ address }) => address), ...(organizer === null ? [] : [organizer])],
    state?.isOver ? state.endsAt : undefined,
  )
  const byPerson = new Map<Person, MeetingPerson>()
  for (const { address: email, name, hasCalendar } of invited) {
    const person = persons.get(email) ?? email
    if (!byPerson.has(person)) byPerson.set(person, { email, name, hasCalendar, person })
  }
  const provenOrganizer = isProven && organizer !== null ? (persons.get(organizer) ?? organizer) : null
  return { state, invitation: { people: [...byPerson.values()], provenOrganizer } }
}

async function settleReaders(
  { db, clock }: MeetingPeopleDeps,
  meetingId: string,
  { endsAt, settledAt }: ReaderListState,
  invitation: InvitedPersons,
): Promise<void> {
  const now = clock.now()
  const readers = await listResolved(db, meetingId)
  const decided = new Set(readers.map(({ person }) => person))
  const added =
    settledAt === null
      ? invitation.people.filter(({ person }) => !decided.has(person))
      : await newcomersOf(db, readers, invitation)
  await inTransaction(db, async (trx) => {
    if (!(await claimReaderList(trx, meetingId, { before: settledAt, now }))) return
    await addInvitedReaders(
      trx,
      meetingId,
      added.map(({ person, email: address }) => ({ person, address })),
      { by: invitation.provenOrganizer, at: settledAt === null ? endsAt : now },
    )
  })
}

/**
 * Whom the same organiser invited after the end, as whoever has those addresses now. An address that was on the list then is no newcomer,
 * whoever has it now: who was invited was its holder of that time.
 */
async function newcomersOf(
  db: Database,
  readers: readonly MeetingReader[],
  { people, provenOrganizer }: InvitedPersons,
): Promise<MeetingPerson[]> {
  const isTheSame = readers.some(({ why, by }) => why === 'invited' && by === provenOrganizer)
  if (provenOrganizer === null || !isTheSame) return []
  const known = new Set(readers.flatMap(({ person, address }) => [person, address]))
  const newcomers = people.filter(({ person, email }) => !known.has(person) && !known.has(email))
  const persons = await personOf(
    db,
    newcomers.map(({ email }) => email),
  )
  return newcomers.map((one) => ({ ...one, person: persons.get(one.email) ?? one.person }))
}

async function listResolved(db: Database | Transaction, meetingId: string): Promise<MeetingReader[]> {
  return await resolve(db, await listMeetingReaders(db, meetingId))
}

/** The directory may have learnt since whose account an address was at that time. */
async function resolve(db: Database | Transaction, readers: readonly MeetingReader[]): Promise<MeetingReader[]> {
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
