import type { SourceProblem } from '../event.ts'
import { listUidsOfComingEvents } from '../event-store.ts'
import { listUidsWithin } from '../item-store.ts'
import type { Page, Removal } from '../providers/provider.ts'
import { problemsOf } from './apply-at-once.ts'
import type { SyncContext } from './context.ts'
import { expandUids } from './expand-uids.ts'
import { readContents } from './roll-window.ts'
import { type Finish, findUnlisted, notePage, type Round } from './round.ts'
import { chunksOf, compareWithStored, isEmpty, storeMerge } from './store-items.ts'
import { nothing } from './writer.ts'

const UIDS_AT_ONCE = 200

/**
 * Applies a round of several pages, or one after which everything is to be expanded. A series and its exceptions may stand on different
 * pages, so all items are stored first, page by page, and then expanded; until then the events stay what they were. An attempt that ends
 * half-way leaves its mark: the next expands everything.
 */
export async function applyInStages(
  context: SyncContext,
  first: Page,
  rest: AsyncIterator<Page>,
  noted: Omit<Round, 'cursor'>,
  finish: Finish,
): Promise<Round> {
  const delivered: Delivered = {
    isWhole: first.isWhole,
    ids: new Set(),
    touched: new Set(),
    unreadable: new Set(),
    problems: [],
  }
  const round = await storePages(context, first, rest, noted, delivered)
  if (first.isWhole) {
    const listed = { has: (id: string) => delivered.ids.has(id) || delivered.unreadable.has(id) }
    for await (const unlisted of findUnlisted(context, listed)) await storeDelivery(context, [], unlisted, delivered)
  }
  const zone = round.timeZone === undefined ? context.source.timeZone : round.timeZone
  const uidsToExpand = round.expandsAll ? uidsOfWindow(context) : chunksOf([...delivered.touched], UIDS_AT_ONCE)
  for await (const uids of uidsToExpand) {
    for await (const part of expandUids(context, await readContents(context, uids), zone)) {
      await context.writer.write({
        uids: part.uids,
        drafts: part.drafts,
        problemKeys: part.uids,
        problems: part.problems,
      })
    }
  }
  await context.writer.write({
    ...nothing,
    ...(first.isWhole ? { whole: { problems: delivered.problems, unreadable: [...delivered.unreadable] } } : {}),
    after: (trx, hasChanged) => finish.withLast(trx, round, hasChanged),
  })
  return round
}

/** What a round has delivered so far. */
interface Delivered {
  /** Whether the round lists everything. */
  isWhole: boolean
  ids: Set<string>
  touched: Set<string>
  unreadable: Set<string>
  /** Of the calendar as such. */
  problems: SourceProblem[]
}

async function storePages(
  context: SyncContext,
  first: Page,
  rest: AsyncIterator<Page>,
  noted: Omit<Round, 'cursor'>,
  delivered: Delivered,
): Promise<Round> {
  for (let page = first; ; ) {
    await storePage(context, page, delivered)
    const round = notePage(noted, page)
    if (page.cursor !== undefined) return round
    const next = await rest.next()
    if (next.done) throw new Error('A provider ended a round without a last page.')
    page = next.value
  }
}

async function storePage(context: SyncContext, page: Page, delivered: Delivered): Promise<void> {
  const { ids, unreadable } = delivered
  for (const { id } of page.items) ids.add(id)
  const { list, keys, ofCalendar } = problemsOf(page)
  delivered.problems.push(...ofCalendar)
  for (const key of keys) unreadable.add(key)
  for (const items of chunksOf(page.items)) await storeDelivery(context, items, [], delivered)
  if (page.removed.length > 0) await storeDelivery(context, [], page.removed, delivered)
  if (keys.length > 0) await context.writer.write({ ...nothing, problemKeys: keys, problems: list })
}

async function storeDelivery(
  context: SyncContext,
  items: Page['items'],
  removed: readonly Removal[],
  { isWhole, ids, touched }: Delivered,
): Promise<void> {
  const merge = await compareWithStored(context, { items, removed, isWhole, delivered: ids })
  for (const uid of merge.touched) touched.add(uid)
  if (isEmpty(merge)) return
  await context.writer.write({
    ...nothing,
    part: { forgetsCursor: false },
    problemKeys: merge.writes.flatMap(({ id, uid }) => (uid === null ? [id] : [id, uid])),
    before: (trx) => storeMerge(trx, context.source.id, merge, context.deps.clock.now()),
  })
}

/** All that takes place in the window, and all that was said to. */
async function* uidsOfWindow({ deps, source, window }: SyncContext): AsyncGenerator<string[]> {
  const list = [
    (afterUid: string) => listUidsWithin(deps.db, source.id, window, afterUid, UIDS_AT_ONCE),
    (afterUid: string) => listUidsOfComingEvents(deps.db, source.id, deps.clock.now(), afterUid, UIDS_AT_ONCE),
  ]
  for (const read of list) {
    for (let afterUid = ''; ; ) {
      const uids = await read(afterUid)
      if (uids.length === 0) break
      afterUid = uids.at(-1) ?? afterUid
      yield uids
    }
  }
}
