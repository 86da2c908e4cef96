import { type AppError, isAppError } from '../../../base/errors.ts'
import { HOUR_MS, MINUTE_MS } from '../../../base/time.ts'
import { inTransaction } from '../../../platform/db/index.ts'
import { notePossibleGroups, readPeopleVersion, writeAccounts } from '../../people/index.ts'
import { listAddressesOfComingEvents } from '../event-store.ts'
import type { DirectoryListing } from '../providers/provider-directory.ts'
import { applyPeopleChange, connectPeople } from './apply-people.ts'
import {
  type DirectoryState,
  listDelegatedCalendars,
  readDirectoryState,
  writeDirectoryState,
} from './directory-store.ts'
import { knowsPeople, listOrganisations, type Organisation, type PeopleDeps } from './organisation.ts'
import { type PeopleChange, planPeople, type Wanted } from './plan-people.ts'
import { readGroups } from './read-groups.ts'

/** What came of bringing calendars in step with the people of the organisations that let us in. */
export interface PeopleResult {
  /** Done, or with a dry run: to be done. */
  changes: PeopleChange[]
  /** Calendars that are as they should be. */
  unchanged: number
  /** Those of the changes that failed, with why; they are tried again with the next reading. */
  failures: { email: string; problem: AppError }[]
  /** Why nothing was done for the first whose people could not be read. */
  problem?: AppError
  /** Why nobody could say who is in groups; the rest goes on without. */
  groupProblem?: AppError
}

interface SyncInput {
  /** Only says what would have to change. */
  isDryRun?: boolean
  bringsBackRemoved?: boolean
  signal?: AbortSignal
}

/**
 * Brings the connected calendars in step with the people of each organisation that lets us in. Throws an `AppError` where one's people
 * cannot be read in full, after it did the others: of that one nobody is connected, and nobody released.
 */
export async function syncPeople(deps: PeopleDeps, input: SyncInput = {}): Promise<PeopleResult> {
  return ofAll(deps, (organisation) => syncOrganisation(organisation, input))
}

/** Does something for each organisation. Throws the first failure after all had their turn. */
async function ofAll(
  deps: PeopleDeps,
  work: (organisation: Organisation) => Promise<PeopleResult>,
): Promise<PeopleResult> {
  const results: PeopleResult[] = []
  const problems: AppError[] = []
  for (const organisation of listOrganisations(deps)) {
    try {
      results.push(await work(organisation))
    } catch (error) {
      if (!isAppError(error)) throw error
      problems.push(error)
    }
  }
  if (problems[0]) throw problems[0]
  return joinResults(results)
}

function joinResults(results: readonly PeopleResult[]): PeopleResult {
  const problem = results.find((one) => one.problem)?.problem
  const groupProblem = results.find((one) => one.groupProblem)?.groupProblem
  return {
    changes: results.flatMap(({ changes }) => changes),
    unchanged: results.reduce((sum, { unchanged }) => sum + unchanged, 0),
    failures: results.flatMap(({ failures }) => failures),
    ...(problem ? { problem } : {}),
    ...(groupProblem ? { groupProblem } : {}),
  }
}

/** One person's failure does not cost the others. */
async function syncOrganisation(deps: Organisation, input: SyncInput): Promise<PeopleResult> {
  const listing = await readListing(deps, input.signal)
  if (listing && !input.isDryRun) await writeListing(deps, listing)
  const calendars = await listDelegatedCalendars(deps.db, keysOf(deps))
  const wanted = { ...wantedOf(deps, listing), bringsBackRemoved: input.bringsBackRemoved === true }
  const planned = planPeople(wanted, calendars)
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

/** By which the calendars are known that are read on an organisation's word. */
function keysOf({ provider, directory }: Organisation) {
  return { provider, keyEndings: [directory.keyEnding, ...directory.formerKeyEndings] }
}

const NEWCOMERS_AT_ONCE = 200

/** Changes to what is there one by one, then newcomers many at once. */
function* stepsOf(
  deps: Organisation,
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

/** Undefined where nobody may be listed. */
async function readListing({ directory }: Organisation, signal?: AbortSignal): Promise<DirectoryListing | undefined> {
  return await directory.people?.list(signal)
}

/** Keeps who has which addresses, chosen people or not. */
async function writeListing(deps: Organisation, { people, unreadable }: DirectoryListing): Promise<void> {
  const { provider } = deps
  const now = deps.clock.now()
  const accounts = people.map(({ accountId: nativeId, ...account }) => ({ nativeId, ...account }))
  await inTransaction(deps.db, async (trx) => {
    const isFirst = (await readPeopleVersion(trx)) === 0
    if (!(await writeAccounts(trx, { provider, accounts, isWhole: unreadable === 0 }, now))) return
    // Later ones are noted as they are written.
    if (isFirst) await notePossibleGroups(trx, await listAddressesOfComingEvents(trx, now), now)
    await deps.peopleChanged(trx)
  })
}

function wantedOf({ directory, pilotUsers }: Organisation, listing: DirectoryListing | undefined): Wanted {
  const { keyEnding } = directory
  if (listing) {
    return {
      keyEnding,
      people: listing.people,
      selected: pilotUsers.length > 0 ? new Set(pilotUsers) : undefined,
      missing: listing.unreadable === 0 ? 'left' : undefined,
    }
  }
  return {
    keyEnding,
    people: pilotUsers.map((email) => ({ accountId: null, email, aliases: [], status: 'active' })),
    selected: undefined,
    // Nobody named is no decision to let everybody go.
    missing: pilotUsers.length > 0 ? 'not_selected' : undefined,
  }
}

const READ_EVERY_MS = HOUR_MS
const AGAIN_AFTER_MS = 10 * MINUTE_MS

/**
 * Reads the people of each organisation whose turn it is: about hourly, give or take a quarter; undefined where it is nobody's. The outcome is
 * stored, a failure too, which changes nobody and costs no other organisation.
 */
export async function syncPeopleIfDue(
  deps: PeopleDeps,
  input: { signal?: AbortSignal } = {},
): Promise<PeopleResult | undefined> {
  const results: PeopleResult[] = []
  for (const organisation of listOrganisations(deps).filter(knowsPeople)) {
    const { provider } = organisation
    const before = await readDirectoryState(deps.db, provider)
    if (before && before.nextReadAt > deps.clock.now()) {
      await readGroupsOf(organisation, { isWhole: false, ...input })
      continue
    }
    try {
      results.push(await syncAndNote(organisation, input, before))
    } catch (error) {
      if (!isAppError(error)) throw error
      results.push({ changes: [], unchanged: 0, failures: [], problem: error })
    }
  }
  return results.length === 0 ? undefined : joinResults(results)
}

/** The same whether or not it is their turn. Throws after it has noted the failure, so that whoever asked is told. */
export async function syncPeopleNow(deps: PeopleDeps, input: SyncInput = {}): Promise<PeopleResult> {
  return ofAll(deps, async (organisation) =>
    syncAndNote(organisation, input, await readDirectoryState(deps.db, organisation.provider)),
  )
}

async function syncAndNote(
  deps: Organisation,
  input: SyncInput,
  before: DirectoryState | undefined,
): Promise<PeopleResult> {
  const { db, provider } = deps
  const now = deps.clock.now()
  const later = (ms: number) => new Date(now.getTime() + ms * (0.75 + (deps.random ?? Math.random)() / 2))
  try {
    const result = await syncOrganisation(deps, input)
    const people = (await listDelegatedCalendars(db, keysOf(deps))).filter(({ isConnected }) => isConnected).length
    const state = { lastAttemptAt: now, lastSuccessAt: now, people, failureCode: null, failureMessage: null }
    await writeDirectoryState(db, provider, { ...state, nextReadAt: later(READ_EVERY_MS) }, now)
    const groupProblem = await readGroupsOf(deps, { isWhole: true, ...input })
    return groupProblem ? { ...result, groupProblem } : result
  } catch (error) {
    if (!isAppError(error)) throw error
    const { lastSuccessAt = null, people = null } = before ?? {}
    const nextReadAt = later(Math.max(AGAIN_AFTER_MS, error.retryAfterMs ?? 0))
    const failed = { failureCode: error.code, failureMessage: error.message }
    await writeDirectoryState(db, provider, { lastAttemptAt: now, lastSuccessAt, people, ...failed, nextReadAt }, now)
    throw error
  }
}

async function readGroupsOf(
  deps: Organisation,
  { isWhole, signal }: { isWhole: boolean; signal?: AbortSignal },
): Promise<AppError | undefined> {
  const listing = deps.directory.people
  if (!listing) return undefined
  return await readGroups({ ...deps, listing }, { isWhole, ...(signal ? { signal } : {}) })
}
