import { type AppError, isAppError } from '../../../base/errors.ts'
import { HOUR_MS, MINUTE_MS } from '../../../base/time.ts'
import type { ConnectionDeps } from '../connection.ts'
import type { GoogleApi } from '../providers/registry.ts'
import { applyPeopleChange, connectPeople } from './apply-people.ts'
import {
  type DirectoryState,
  listDelegatedCalendars,
  readDirectoryState,
  writeDirectoryState,
} from './directory-store.ts'
import { listDirectory } from './google-directory.ts'
import { type PeopleChange, planPeople, type Wanted } from './plan-people.ts'

export interface PeopleDeps extends ConnectionDeps {
  google: GoogleApi
  /** Whom to act for when reading the directory; undefined: there is none, and the pilot users are all there are. */
  adminEmail: string | undefined
  /** Limits the people of the directory; without one, names them. Empty: everybody of the directory. */
  pilotUsers: readonly string[]
  /** Whether there is a service account at all. */
  isConfigured: boolean
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
}

/**
 * Brings the connected calendars in step with the people of the organisation. Throws an `AppError` where the directory cannot be read in
 * full: then nobody is connected, and nobody released. One person's failure does not cost the others.
 */
export async function syncPeople(
  deps: PeopleDeps,
  input: { isDryRun?: boolean; bringsBackRemoved?: boolean; signal?: AbortSignal } = {},
): Promise<PeopleResult> {
  const wanted = await readWanted(deps, input.signal)
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

async function readWanted(deps: PeopleDeps, signal?: AbortSignal): Promise<Wanted> {
  const { pilotUsers, adminEmail } = deps
  if (adminEmail !== undefined) {
    const { people, unreadable } = await listDirectory(deps.google, adminEmail, signal)
    return {
      people,
      selected: pilotUsers.length > 0 ? new Set(pilotUsers) : undefined,
      missing: unreadable === 0 ? 'left' : undefined,
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
  if (before && before.nextReadAt > deps.clock.now()) return undefined
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
    return result
  } catch (error) {
    if (!isAppError(error)) throw error
    const { lastSuccessAt = null, people = null } = before ?? {}
    const nextReadAt = later(Math.max(AGAIN_AFTER_MS, error.retryAfterMs ?? 0))
    const failed = { failureCode: error.code, failureMessage: error.message }
    await writeDirectoryState(deps.db, { lastAttemptAt: now, lastSuccessAt, people, ...failed, nextReadAt }, now)
    throw error
  }
}
