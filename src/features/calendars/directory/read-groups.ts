import { type AppError, isAppError } from '../../../base/errors.ts'
import { DAY_MS, HOUR_MS } from '../../../base/time.ts'
import { inTransaction } from '../../../platform/db/index.ts'
import { type GroupAnswer, listMainAddresses, listUnreadGroups, writeGroup } from '../../people/index.ts'
import type { PeopleListing } from '../providers/provider-directory.ts'
import type { PeopleDeps } from './organisation.ts'

const AT_ONCE = 500
const AGAIN_AFTER_MS = HOUR_MS / 2

/**
 * Asks the directory who is in the groups of our events: those it was never asked for and, where `isWhole`, all whose answer is old. What it
 * cannot say keeps its last answer, and is asked for again. Answers why nothing could be asked, where that is so.
 */
export async function readGroups(
  deps: PeopleDeps & { listing: PeopleListing },
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
    if (deps.listing.concernsOneGroup(problem)) continue
    for (const rest of groups.slice(index + 1)) await write(deps, rest, { failure: problem.code })
    return problem
  }
  return undefined
}

async function ask(
  { db, listing }: PeopleDeps & { listing: PeopleListing },
  group: string,
  signal: AbortSignal | undefined,
): Promise<{ members: readonly string[] | null } | { problem: AppError }> {
  try {
    const found = await listing.listGroupMembers(group, signal)
    if (!found) return { members: null }
    const everybody = found.hasEverybody ? await listMainAddresses(db) : []
    return { members: [...found.addresses, ...everybody] }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { problem: error }
  }
}

async function write(deps: PeopleDeps, group: string, answer: GroupAnswer): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (await writeGroup(trx, group, answer, deps.clock.now())) await deps.peopleChanged(trx)
  })
}
