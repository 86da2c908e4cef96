import type { Clock } from '../../../base/clock.ts'
import { type AppError, isAppError } from '../../../base/errors.ts'
import { DAY_MS, HOUR_MS } from '../../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { type GroupAnswer, listMainAddresses, listUnreadGroups, writeGroup } from '../../people/index.ts'
import type { GoogleApi } from '../providers/registry.ts'
import { listGroupMembers } from './google-groups.ts'

interface GroupDeps {
  db: Database
  clock: Clock
  google: GoogleApi
  /** Whom to act for. */
  adminEmail: string
  /** Told with a change of who is in a group. */
  peopleChanged(trx: Transaction): Promise<unknown>
}

const AT_ONCE = 500
const AGAIN_AFTER_MS = HOUR_MS / 2

/**
 * Asks the directory who is in the groups of our events: those it was never asked for and, where `isWhole`, all whose answer is old. What it
 * cannot say keeps its last answer, and is asked for again. Answers why nothing could be asked, where that is so.
 */
export async function readGroups(
  deps: GroupDeps,
  { isWhole, signal }: { isWhole: boolean; signal?: AbortSignal },
): Promise<AppError | undefined> {
  const now = deps.clock.now()
  const ago = (ms: number) => (isWhole ? new Date(now.getTime() - ms) : undefined)
  const groups = await listUnreadGroups(
    deps.db,
    { groupsBefore: ago(AGAIN_AFTER_MS), othersBefore: ago(DAY_MS) },
    AT_ONCE,
  )
  for (const [index, group] of groups.entries()) {
    signal?.throwIfAborted()
    const answer = await ask(deps, group, signal)
    if (!('problem' in answer)) {
      await write(deps, group, answer)
      continue
    }
    const { problem } = answer
    await write(deps, group, { failure: problem.code })
    if (concernsOneGroup(problem)) continue
    for (const rest of groups.slice(index + 1)) await write(deps, rest, { failure: problem.code })
    return problem
  }
  return undefined
}

async function ask(
  { db, google, adminEmail }: GroupDeps,
  group: string,
  signal: AbortSignal | undefined,
): Promise<{ members: readonly string[] | null } | { problem: AppError }> {
  try {
    const listing = await listGroupMembers(google, adminEmail, group, signal)
    if (!listing) return { members: null }
    const everybody = listing.hasEverybody ? await listMainAddresses(db) : []
    return { members: [...listing.addresses, ...everybody] }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { problem: error }
  }
}

async function write(deps: GroupDeps, group: string, answer: GroupAnswer): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (await writeGroup(trx, group, answer, deps.clock.now())) await deps.peopleChanged(trx)
  })
}

function concernsOneGroup({ code }: AppError): boolean {
  return code === 'google_forbidden' || code === 'google_bad_request' || code === 'directory_endless'
}
