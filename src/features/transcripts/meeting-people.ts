import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { readInvited as readInvitation } from '../meetings/index.ts'
import {
  createKnownPeople,
  hasAccount,
  type KnownPeople,
  type Person,
  personOf,
  readAliasesAt,
} from '../people/index.ts'
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
  const isSettled = isWritten(state)
  const readers = await listResolved(deps.db, meetingId)
  const added = isSettled ? await newcomersOf(deps.db, readers, invitation) : []
  const known = new Map([...invitation.people, ...added].map((one) => [one.person, one]))
  const people = new Map<Person, MeetingPerson>(
    isSettled ? added.map((one) => [one.person, one]) : invitation.people.map((one) => [one.person, one]),
  )
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

function isWritten(state: ReaderListState | undefined): boolean {
  return state?.isOver === true && state.settledAt !== null
}

/**
 * Who is invited, each person once; of a meeting that is over, as whoever had those addresses at its end. Once its list is written, whoever
 * joins a group later is not invited by that.
 */
async function readInvited(
  { db, clock, knownPeople = createKnownPeople() }: MeetingPeopleDeps,
  meetingId: string,
): Promise<{ state: ReaderListState | undefined; invitation: InvitedPersons }> {
  const state = await readReaderListState(db, meetingId, clock.now())
  const at = state?.isOver ? state.endsAt : undefined
  const readKnown = at !== undefined && isWritten(state) ? () => readAliasesAt(db, at) : knownPeople
  const { people: invited, isProven, organizer } = await readInvitation(db, meetingId, readKnown)
  const people = invited.map(({ address: email, name, hasCalendar }) => ({ email, name, hasCalendar }))
  const proven = isProven ? organizer : null
  const persons = await personOf(db, proven === null ? people.map(emailOf) : [...people.map(emailOf), proven], at)
  const byPerson = new Map<Person, MeetingPerson>()
  for (const one of people) {
    const person = persons.get(one.email) ?? one.email
    if (!byPerson.has(person)) byPerson.set(person, { ...one, person })
  }
  const provenOrganizer = proven === null ? null : (persons.get(proven) ?? proven)
  return { state, invitation: { people: [...byPerson.values()], provenOrganizer } }
}

async function settleReaders(
  { db, clock }: MeetingPeopleDeps,
  meetingId: string,
  { endsAt, settledAt }: ReaderListState,
  invitation: InvitedPersons,
): Promise<void> {
  const now = clock.now()
  const by = invitation.provenOrganizer
  await inTransaction(db, async (trx) => {
    if (!(await claimReaderList(trx, meetingId, settledAt, now))) return
    const readers = await listResolved(trx, meetingId)
    const decided = new Set(readers.map(({ person }) => person))
    const added =
      settledAt === null
        ? invitation.people.filter(({ person }) => !decided.has(person))
        : await newcomersOf(trx, readers, invitation)
    const rows = added.map(({ person, email: address }) => ({ person, address }))
    await addInvitedReaders(trx, meetingId, rows, { by, at: settledAt === null ? endsAt : now })
  })
}

/**
 * Whom the same organiser invited after the end, as whoever has those addresses now. An address that was on the list then is no newcomer,
 * whoever has it now: who was invited was its holder of that time.
 */
async function newcomersOf(
  db: Database | Transaction,
  readers: readonly MeetingReader[],
  { people, provenOrganizer }: InvitedPersons,
): Promise<MeetingPerson[]> {
  const wasTheirs = readers.some(({ why, by }) => why === 'invited' && by !== null && by === provenOrganizer)
  if (!wasTheirs) return []
  const known = new Set(readers.flatMap(({ person, address }) => [person, address]))
  const newcomers = people.filter(({ person, email }) => !known.has(person) && !known.has(email))
  const persons = await personOf(db, newcomers.map(emailOf))
  return newcomers.map((one) => ({ ...one, person: persons.get(one.email) ?? one.person }))
}

async function listResolved(db: Database | Transaction, meetingId: string): Promise<MeetingReader[]> {
  return await resolve(db, await listMeetingReaders(db, meetingId))
}

function emailOf({ email }: { email: string }): string {
  return email
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
