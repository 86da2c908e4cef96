import { type AppError, isAppError } from '../../../base/errors.ts'
import { HOUR_MS, MINUTE_MS } from '../../../base/time.ts'
import { inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { notePossibleGroups, readPeopleVersion, writeAccounts } from '../../people/index.ts'
import type { ConnectionDeps } from '../connection.ts'
import { listAddressesOfComingEvents } from '../event-store.ts'
import type { GoogleApi } from '../providers/registry.ts'
import { applyPeopleChange, connectPeople } from './apply-people.ts'
import {
  type DirectoryState,
  listDelegatedCalendars,
  readDirectoryState,
  writeDirectoryState,
} from './directory-store.ts'
import { type DirectoryListing, listDirectory } from './google-directory.ts'
import { type PeopleChange, planPeople, type Wanted } from './plan-people.ts'
import { readGroups } from './read-groups.ts'

export interface PeopleDeps extends ConnectionDeps {
  google: GoogleApi
  /** Whom to act for when reading the directory; undefined: there is none, and the pilot users are all there are. */
  adminEmail: string | undefined
  /** Limits the people of the directory; without one, names them. Empty: everybody of the directory. */
  pilotUsers: readonly string[]
  /** Whether there is a service account at all. */
  isConfigured: boolean
  /** Told with a change of accounts or of who is in a group: what was planned with them is to be looked at again. */
  peopleChanged(trx: Transaction): Promise<unknown>
  random?: () => number
}

export interface PeopleResult {
  /** Done, or with a dry run: to be done. */
  changes: PeopleChange[]
  /** Calendars that are as they should be. */
  unchanged: number
  /** Those of the changes that failed, with why; they are tried again with the next reading. */
  failures: { email: string; problem: AppError }[]
  /** Why nothing was done: the people could not be read. */
  problem?: AppError
  /** Why nobody could say who is in groups; the rest goes on without. */
  groupProblem?: AppError
}

/**
 * Brings the connected calendars in step with the people of the organisation. Throws an `AppError` where the directory cannot be read in
 * full: then nobody is connected, and nobody released. One person's failure does not cost the others.
 */
export async function syncPeople(
  deps: PeopleDeps,
  input: { isDryRun?: boolean; bringsBackRemoved?: boolean; signal?: AbortSignal } = {},
): Promise<PeopleResult> {
  const listing = await readListing(deps, input.signal)
  if (listing && !input.isDryRun) await writeListing(deps, listing)
  const wanted = wantedOf(deps, listing)
  const calendars = await listDelegatedCalendars(deps.db)
  const planned = planPeople({ ...wanted, bringsBackRemoved: input.bringsBackRemoved === true }, calendars)
  const touched = new Set(planned.flatMap(({ calendarId }) => calendarId ?? []))
  const unchanged = calendars.filter(({ id, isConnected }) => isConnected && !touched.has(id)).length
  if (input.isDryRun) return { changes: planned, unchanged, failures: [] }
  const result: PeopleResult = { changes: [], unchanged, failures: [] }
  for (const { changes, apply } of stepsOf(deps, planned)) {
    input.signal?.throwIfAborted()
    try {
      await apply()
      result.changes.push(...changes)
    } catch (error) {
      if (!isAppError(error)) throw error
      result.failures.push(...changes.map(({ email }) => ({ email, problem: error })))
    }
  }
  return result
}

const NEWCOMERS_AT_ONCE = 200

/** Changes to what is there one by one, then newcomers many at once. */
function* stepsOf(
  deps: PeopleDeps,
  planned: readonly PeopleChange[],
): Generator<{ changes: PeopleChange[]; apply: () => Promise<void> }> {
  for (const change of planned) {
    const { calendarId } = change
    if (calendarId !== null)
      yield { changes: [change], apply: () => applyPeopleChange(deps, { ...change, calendarId }) }
  }
  const newcomers = planned.filter(({ calendarId }) => calendarId === null)
  for (let i = 0; i < newcomers.length; i += NEWCOMERS_AT_ONCE) {
    const changes = newcomers.slice(i, i + NEWCOMERS_AT_ONCE)
    yield { changes, apply: () => connectPeople(deps, changes) }
  }
}

/** Undefined where there is no directory. */
async function readListing(deps: PeopleDeps, signal?: AbortSignal): Promise<DirectoryListing | undefined> {
  return deps.adminEmail === undefined ? undefined : await listDirectory(deps.google, deps.adminEmail, signal)
}

/** Keeps who has which addresses, chosen people or not. */
async function writeListing(deps: PeopleDeps, { people, unreadable }: DirectoryListing): Promise<void> {
  const now = deps.clock.now()
  const accounts = people.map(({ accountId: nativeId, ...account }) => ({ nativeId, ...account }))
  await inTransaction(deps.db, async (trx) => {
    const isFirst = (await readPeopleVersion(trx)) === 0
    if (!(await writeAccounts(trx, { provider: 'google', accounts, isWhole: unreadable === 0 }, now))) return
    // Later ones are noted as they are written.
    if (isFirst) await notePossibleGroups(trx, await listAddressesOfComingEvents(trx, now), now)
    await deps.peopleChanged(trx)
  })
}

function wantedOf({ pilotUsers }: PeopleDeps, listing: DirectoryListing | undefined): Wanted {
  if (listing) {
    return {
      people: listing.people,
      selected: pilotUsers.length > 0 ? new Set(pilotUsers) : undefined,
      missing: listing.unreadable === 0 ? 'left' : undefined,
    }
  }
  return {
    people: pilotUsers.map((email) => ({ accountId: null, email, aliases: [], status: 'active' })),
    selected: undefined,
    // Nobody named is no decision to let everybody go.
    missing: pilotUsers.length > 0 ? 'not_selected' : undefined,
  }
}

const READ_EVERY_MS = HOUR_MS
const AGAIN_AFTER_MS = 10 * MINUTE_MS

/** Reads the people where it is their turn: about hourly, give or take a quarter. The outcome is stored, a failure too, which changes nobody. */
export async function syncPeopleIfDue(
  deps: PeopleDeps,
  input: { signal?: AbortSignal } = {},
): Promise<PeopleResult | undefined> {
  if (!deps.isConfigured || (deps.adminEmail === undefined && deps.pilotUsers.length === 0)) return undefined
  const before = await readDirectoryState(deps.db)
  if (before && before.nextReadAt > deps.clock.now()) {
    await readGroupsOf(deps, { isWhole: false, ...input })
    return undefined
  }
  try {
    return await syncPeopleAndNote(deps, input, before)
  } catch (error) {
    if (!isAppError(error)) throw error
    return { changes: [], unchanged: 0, failures: [], problem: error }
  }
}

/** The same whether or not it is their turn. Throws after it has noted the failure, so that whoever asked is told. */
export async function syncPeopleNow(
  deps: PeopleDeps,
  input: { bringsBackRemoved?: boolean; signal?: AbortSignal } = {},
): Promise<PeopleResult> {
  return await syncPeopleAndNote(deps, input, await readDirectoryState(deps.db))
}

async function syncPeopleAndNote(
  deps: PeopleDeps,
  input: { bringsBackRemoved?: boolean; signal?: AbortSignal },
  before: DirectoryState | undefined,
): Promise<PeopleResult> {
  const now = deps.clock.now()
  const later = (ms: number) => new Date(now.getTime() + ms * (0.75 + (deps.random ?? Math.random)() / 2))
  try {
    const result = await syncPeople(deps, input)
    const people = (await listDelegatedCalendars(deps.db)).filter(({ isConnected }) => isConnected).length
    const state = { lastAttemptAt: now, lastSuccessAt: now, people, failureCode: null, failureMessage: null }
    await writeDirectoryState(deps.db, { ...state, nextReadAt: later(READ_EVERY_MS) }, now)
    const groupProblem = await readGroupsOf(deps, { isWhole: true, ...input })
    return groupProblem ? { ...result, groupProblem } : result
  } catch (error) {
    if (!isAppError(error)) throw error
    const { lastSuccessAt = null, people = null } = before ?? {}
    const nextReadAt = later(Math.max(AGAIN_AFTER_MS, error.retryAfterMs ?? 0))
    const failed = { failureCode: error.code, failureMessage: error.message }
    await writeDirectoryState(deps.db, { lastAttemptAt: now, lastSuccessAt, people, ...failed, nextReadAt }, now)
    throw error
  }
}

async function readGroupsOf(
  deps: PeopleDeps,
  { isWhole, signal }: { isWhole: boolean; signal?: AbortSignal },
): Promise<AppError | undefined> {
  const { adminEmail } = deps
  if (adminEmail === undefined) return undefined
  return await readGroups({ ...deps, adminEmail }, { isWhole, ...(signal ? { signal } : {}) })
}
