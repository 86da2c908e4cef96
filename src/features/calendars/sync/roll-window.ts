import { HOUR_MS } from '../../../base/time.ts'
import { recordExpansion } from '../expansion-store.ts'
import { listUidsWithin, readItemsOfUids } from '../item-store.ts'
import type { SyncContext } from './context.ts'
import { expandUids } from './expand-uids.ts'
import { nothing } from './writer.ts'

const ROLL_EVERY_MS = 6 * HOUR_MS
const PAGE_UIDS = 200

/** Brings occurrences that time has moved into the window, or new zone data to another time, onto the plan, from what is stored; nobody is asked but for series we cannot expand. */
export async function rollWindow(context: SyncContext): Promise<void> {
  const { deps, source, window, expandedUntil } = context
  if (expandedUntil === null) return
  const isRecent = window.to.getTime() - expandedUntil.getTime() < ROLL_EVERY_MS
  if (isRecent && source.zoneData === deps.zoneData) return
  await expandStored(context, source.timeZone)
}

/** Expands everything that is stored anew, in this zone. What cannot be answered now stays as it is, and the next sync rolls again. */
export async function expandStored(context: SyncContext, timeZone: string | null): Promise<void> {
  const { deps, source, window, writer } = context
  let isComplete = true
  for (let afterUid = ''; ; ) {
    const uids = await listUidsWithin(deps.db, source.id, window, afterUid, PAGE_UIDS)
    if (uids.length === 0) break
    afterUid = uids.at(-1) ?? afterUid
    for await (const part of expandUids(context, await readContents(context, uids), timeZone, true)) {
      const { drafts, problems, unanswered } = part
      await writer.write({ uids: part.uids, problemKeys: part.uids, drafts, problems })
      isComplete &&= unanswered.length === 0
    }
  }
  if (!isComplete) return
  await writer.write({ ...nothing, after: (trx) => recordExpansion(trx, source.id, window.to, deps.zoneData) })
  context.expandedUntil = window.to
}

/** The contents of all items of some UIDs. */
export async function readContents(context: SyncContext, uids: readonly string[]): Promise<Map<string, string[]>> {
  const contents = new Map<string, string[]>(uids.map((uid) => [uid, []]))
  for (const { uid, content } of await readItemsOfUids(context.deps.db, context.source.id, uids)) {
    contents.get(uid ?? '')?.push(content)
  }
  return contents
}
