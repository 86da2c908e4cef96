import type { SourceProblem } from '../event.ts'
import { readItemsOfUids } from '../item-store.ts'
import type { Page } from '../providers/provider.ts'
import type { SyncContext } from './context.ts'
import { expandUids } from './expand-uids.ts'
import type { Merge } from './merge-items.ts'
import { type Finish, findUnlisted, notePage, type Round } from './round.ts'
import { chunksOf, compareWithStored, isEmpty, type StoredMerge, storeMerge } from './store-items.ts'
import { type ItemsWrite, nothing } from './writer.ts'

const UIDS_AT_ONCE = 200

/**
 * Applies a round of one page. Each transaction takes whole UIDs, with their items, events and plan; the cursor goes with the last. One
 * change, which is the usual page, is one transaction; a page that changes nothing is one small write.
 */
export async function applyAtOnce(
  context: SyncContext,
  page: Page,
  noted: Omit<Round, 'cursor'>,
  finish: Finish,
): Promise<Round> {
  const round = notePage(noted, page)
  const ids = new Set(page.items.map(({ id }) => id))
  const removed = [...page.removed]
  if (page.isWhole) {
    // What could not be used is there all the same, and what was known of it stays.
    const listed = new Set([...ids, ...page.problems.flatMap(({ uid }) => uid ?? [])])
    for await (const unlisted of findUnlisted(context, listed)) removed.push(...unlisted)
  }
  const merge = await compareWithStored(context, { items: page.items, removed, isWhole: page.isWhole, delivered: ids })
  const last = createLast(context, page, round, finish)
  let waiting: ItemsWrite | undefined
  for await (const work of writesOf(context, merge, round)) {
    // What is listed whole may be as it was again by the next time, and then nothing would tell what a part of it left behind.
    if (waiting) await context.writer.write({ ...waiting, part: { forgetsCursor: page.isWhole } })
    waiting = work
  }
  await last(waiting)
  return round
}

/** Ends the round with the last work, or without one. */
function createLast(context: SyncContext, page: Page, round: Round, finish: Finish) {
  const { source, writer } = context
  const problems = problemsOf(page)
  return async (work: ItemsWrite | undefined) => {
    const isIdle = work === undefined && problems.keys.length === 0 && !page.isWhole
    if (isIdle && source.state === 'connected') {
      await finish.alone(round)
      return
    }
    const { problemKeys, problems: found, ...rest } = work ?? nothing
    await writer.write({
      ...rest,
      problemKeys: [...problemKeys, ...problems.keys],
      problems: [...found, ...problems.list],
      ...(page.isWhole ? { whole: { problems: problems.ofCalendar, unreadable: problems.keys } } : {}),
      after: (trx, hasChanged) => finish.withLast(trx, round, hasChanged),
    })
  }
}

/** Problems of single items stand under their id, those of the calendar as a whole under none. */
export function problemsOf({ problems }: Page) {
  const list = problems.filter(({ raw }) => raw !== undefined && raw !== null)
  const ofCalendar: SourceProblem[] = problems
    .filter(({ raw }) => raw === undefined || raw === null)
    .map((problem) => ({ ...problem, uid: null }))
  return { list, keys: list.flatMap(({ uid }) => uid ?? []), ofCalendar }
}

async function* writesOf(context: SyncContext, merge: Merge, round: Round): AsyncGenerator<ItemsWrite> {
  const { source } = context
  const writesOf = Map.groupBy(merge.writes, ({ uid }) => uid)
  const zone = round.timeZone === undefined ? source.timeZone : round.timeZone
  const now = context.deps.clock.now()
  // What is deleted, adopted or of no known series goes with the first transaction, and is left out of every expansion.
  let rest: StoredMerge | undefined = { ...merge, writes: writesOf.get(null) ?? [] }
  for (const uids of chunksOf([...merge.touched], UIDS_AT_ONCE)) {
    for await (const part of expandUids(context, await contentsAfter(context, merge, uids, writesOf), zone)) {
      const own = { ...nothingMerged, ...rest, writes: [...(rest?.writes ?? [])] }
      own.writes.push(...part.uids.flatMap((uid) => writesOf.get(uid) ?? []))
      rest = undefined
      yield {
        uids: part.uids,
        drafts: part.drafts,
        problemKeys: [...part.uids, ...own.writes.map(({ id }) => id)],
        problems: part.problems,
        before: (trx) => storeMerge(trx, source.id, own, now),
      }
    }
  }
  const left = rest
  if (left && !isEmpty(left)) {
    yield { ...nothing, before: (trx) => storeMerge(trx, source.id, left, now) }
  }
}

const nothingMerged: StoredMerge = { writes: [], renewals: [], deletes: [], gone: [], adoptions: [] }

/** The contents of some UIDs as they will be. */
async function contentsAfter(
  context: SyncContext,
  merge: Merge,
  uids: readonly string[],
  writesOf: ReadonlyMap<string | null, Merge['writes']>,
): Promise<Map<string, string[]>> {
  const overwritten = new Set([...merge.deletes, ...merge.writes.map(({ id }) => id)])
  const adopted = new Map(merge.adoptions.map(({ id, uid }) => [id, uid]))
  const contents = new Map(uids.map((uid) => [uid, (writesOf.get(uid) ?? []).map(({ content }) => content)]))
  // Parts that are adopted stand under another UID, or under none, until then.
  const stored = await readItemsOfUids(context.deps.db, context.source.id, uids, [...adopted.keys()])
  for (const { id, uid, content } of stored) {
    if (!overwritten.has(id)) contents.get(adopted.get(id) ?? uid ?? '')?.push(content)
  }
  return contents
}
