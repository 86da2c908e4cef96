import { createBreather } from '../../base/breather.ts'
import type { Clock } from '../../base/clock.ts'
import { AppError, isAppError } from '../../base/errors.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { type EventReading, WINDOW_AFTER_MS, WINDOW_BEFORE_MS } from './calendar.ts'
import {
  claimRevision,
  readSyncSource,
  recordExpansion,
  recordFailure,
  recordSuccess,
  recordUnchanged,
  replaceProblems,
  type SyncSource,
} from './calendar-store.ts'
import type { SourceEvent, SourceProblem, Window } from './event.ts'
import type { EventChange } from './event-facts.ts'
import { deleteItems, type EventDraft, readItemHashes, readItems, replaceEvents, writeItems } from './event-store.ts'
import type { CalendarProvider, Listing, SourceItem } from './providers/provider.ts'
import type { Providers } from './providers/registry.ts'

export interface SyncDeps {
  db: Database
  clock: Clock
  providers: Providers
  decrypt(ciphertext: string): string
  /** Reads room and wishes out of an event; meetings/ knows how. */
  readEvent(event: SourceEvent): EventReading
  /** Brings the plan in step, in the transaction that wrote the events. */
  reconcile(trx: Transaction, changes: readonly EventChange[]): Promise<unknown>
  /** For floating times in a calendar that names no zone. */
  timeZone: string
  /** The version of this machine's zone data; another one than a calendar was expanded with moves times, so its stored items are expanded again. */
  zoneData: string
}

export type SyncOutcome = 'changed' | 'unchanged' | 'failed' | 'removed'

export interface SyncResult {
  outcome: SyncOutcome
  /** Undefined for a calendar that is no more. */
  provider?: string
  /** Events written or deleted. */
  changes: number
  problem?: AppError
}

/** Events of one transaction at most, so that locks and memory stay bounded however large a calendar is. */
const PAGE_EVENTS = 500
const PAGE_ITEMS = 200
const ROLL_EVERY_MS = 6 * HOUR_MS
const MAX_RESTARTS = 5

/**
 * Brings one calendar's stored events, and with them the plan, in step with its provider. The window is rolled forward first, which
 * needs no provider; then the listing is read and only what differs is written, page by page, the cursor with the last page.
 * A provider's failure is stored on the calendar and nothing is lost. May run twice; writers of one calendar take turns.
 */
export async function syncCalendar(
  deps: SyncDeps,
  input: { calendarId: string; signal?: AbortSignal },
): Promise<SyncResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await syncOnce(deps, input)
    } catch (error) {
      if (!isAppError(error, 'calendar_written_meanwhile') || attempt === MAX_RESTARTS) throw error
    }
  }
}

async function syncOnce(deps: SyncDeps, input: { calendarId: string; signal?: AbortSignal }): Promise<SyncResult> {
  const source = await readSyncSource(deps.db, input.calendarId)
  if (!source || source.credential === null) return { outcome: 'removed', changes: 0 }
  const provider = deps.providers[source.provider]
  const writer = createWriter(deps, source, provider)
  const rolled = await rollForward(deps, source, writer)
  const credential = deps.decrypt(source.credential)
  try {
    const answer = await provider.list({
      credential,
      cursor: source.cursor,
      ...(input.signal ? { signal: input.signal } : {}),
    })
    const nextSyncAt = new Date(deps.clock.now().getTime() + jittered(provider.pollMs(credential)))
    if (answer.kind === 'unchanged') {
      await recordUnchanged(deps.db, source.id, nextSyncAt, deps.clock.now())
      return { provider: source.provider, outcome: rolled > 0 ? 'changed' : 'unchanged', changes: rolled }
    }
    const changes = rolled + (await applyListing(deps, source, writer, answer, nextSyncAt))
    return { provider: source.provider, outcome: changes > 0 ? 'changed' : 'unchanged', changes }
  } catch (error) {
    if (!isAppError(error) || error.code === 'calendar_written_meanwhile') throw error
    await storeFailure(deps, source, error)
    return { provider: source.provider, outcome: 'failed', changes: rolled, problem: error }
  }
}

/** Writes pages of items, each page one transaction that claims the calendar's revision first. */
interface Writer {
  write(page: Page): Promise<number>
  pageOf(items: readonly { uid: string; content: string }[], window: Window, timeZone: string | null): Promise<Page>
}

interface Page {
  uids: string[]
  drafts: EventDraft[]
  problems: SourceProblem[]
  /** What else belongs into the page's transaction. */
  also?: (trx: Transaction) => Promise<void>
}

function createWriter(deps: SyncDeps, source: SyncSource, provider: CalendarProvider): Writer {
  let revision = source.revision
  const breathe = createBreather()
  const owner = { calendarId: source.id, ownerEmail: source.ownerEmail, isConnected: source.state === 'connected' }
  return {
    async pageOf(items, window, timeZone) {
      const page: Page = { uids: [], drafts: [], problems: [] }
      const options = { window, ownerEmail: source.ownerEmail, fallbackTimeZone: timeZone ?? deps.timeZone }
      for (const item of items) {
        await breathe()
        const { events, problems } = provider.expand(item.content, options)
        page.uids.push(item.uid)
        page.drafts.push(...events.map((event) => ({ source: event, reading: deps.readEvent(event) })))
        page.problems.push(...problems.map((problem) => ({ ...problem, uid: item.uid })))
      }
      return page
    },
    async write(page) {
      const now = deps.clock.now()
      const changes = await inTransaction(deps.db, async (trx) => {
        if (!(await claimRevision(trx, source.id, revision))) throw writtenMeanwhile()
        const changed = await replaceEvents(trx, owner, page.uids, page.drafts, now)
        await replaceProblems(trx, source.id, page.uids, page.problems, now)
        await page.also?.(trx)
        await deps.reconcile(trx, changed)
        return changed.length
      })
      revision += 1
      return changes
    },
  }
}

function writtenMeanwhile(): AppError {
  return new AppError(
    'calendar_written_meanwhile',
    'The calendar was changed by somebody else at the same time; it is read again.',
    {
      retry: 'later',
    },
  )
}

/** Brings occurrences that time has moved into the window, or new zone data to another time, onto the plan, from what is stored. */
async function rollForward(deps: SyncDeps, source: SyncSource, writer: Writer): Promise<number> {
  const window = windowAt(deps.clock.now())
  const { expandedUntil } = source
  if (expandedUntil === null) return 0
  const isRecent = window.to.getTime() - expandedUntil.getTime() < ROLL_EVERY_MS
  if (isRecent && source.zoneData === deps.zoneData) return 0
  const expansion = { expandedUntil: window.to, zoneData: deps.zoneData }
  let changes = 0
  let afterUid = ''
  for (;;) {
    const items = await readItems(deps.db, source.id, { from: window.from, to: window.to }, afterUid, PAGE_ITEMS)
    if (items.length === 0) break
    changes += await writer.write(await writer.pageOf(items, window, source.timeZone))
    afterUid = items.at(-1)?.uid ?? afterUid
  }
  changes += await writer.write({ ...emptyPage(), also: (trx) => recordExpansion(trx, source.id, expansion) })
  return changes
}

async function applyListing(
  deps: SyncDeps,
  source: SyncSource,
  writer: Writer,
  listing: Listing,
  nextSyncAt: Date,
): Promise<number> {
  const window = windowAt(deps.clock.now())
  const stored = await readItemHashes(deps.db, source.id)
  const listed = new Set(listing.items.map((item) => item.uid))
  // Another zone of the calendar moves what floats in it, so everything is read again.
  const isSameZone = stored.size === 0 || listing.timeZone === source.timeZone
  const changed = listing.items.filter((item) => !isSameZone || stored.get(item.uid) !== item.contentHash)
  const removed = [...stored.keys()].filter((uid) => !listed.has(uid))
  let changes = 0
  for await (const { items, page } of pagesOf(changed, (part) => writer.pageOf(part, window, listing.timeZone))) {
    changes += await writer.write({ ...page, also: (trx) => writeItems(trx, source.id, items) })
  }
  for (let i = 0; i < removed.length; i += PAGE_ITEMS) {
    const uids = removed.slice(i, i + PAGE_ITEMS)
    changes += await writer.write({ ...emptyPage(), uids, also: (trx) => deleteItems(trx, source.id, uids) })
  }
  const { cursor, name, timeZone, problems } = listing
  const expansion = { expandedUntil: window.to, zoneData: deps.zoneData }
  await writer.write({
    ...emptyPage(),
    also: async (trx) => {
      const now = deps.clock.now()
      await replaceProblems(
        trx,
        source.id,
        undefined,
        problems.map((problem) => ({ ...problem, uid: null })),
        now,
      )
      await recordSuccess(trx, source.id, { cursor, name, timeZone, hasChanged: changes > 0, nextSyncAt }, now)
      if (source.expandedUntil === null) await recordExpansion(trx, source.id, expansion)
    },
  })
  return changes
}

/** Cuts items into pages of bounded numbers of items and events; items are expanded only as their page is reached. */
async function* pagesOf(
  items: readonly SourceItem[],
  pageOf: (items: readonly SourceItem[]) => Promise<Page>,
): AsyncGenerator<{ items: SourceItem[]; page: Page }> {
  let part: SourceItem[] = []
  let page = emptyPage()
  for (const item of items) {
    const one = await pageOf([item])
    part.push(item)
    page.uids.push(...one.uids)
    page.drafts.push(...one.drafts)
    page.problems.push(...one.problems)
    if (part.length >= PAGE_ITEMS || page.drafts.length >= PAGE_EVENTS) {
      yield { items: part, page }
      part = []
      page = emptyPage()
    }
  }
  if (part.length > 0) yield { items: part, page }
}

function emptyPage(): Page {
  return { uids: [], drafts: [], problems: [] }
}

async function storeFailure(deps: SyncDeps, source: SyncSource, error: AppError): Promise<void> {
  const now = deps.clock.now()
  const backoffMs = Math.min(MINUTE_MS * 2 ** Math.min(source.failureCount, 6), HOUR_MS)
  const nextSyncAt = new Date(now.getTime() + Math.max(jittered(backoffMs), error.retryAfterMs ?? 0))
  await recordFailure(deps.db, source.id, { code: error.code, message: error.message, nextSyncAt }, now)
}

/** The window of occurrences that are kept, around now. */
function windowAt(now: Date): Window {
  return { from: new Date(now.getTime() - WINDOW_BEFORE_MS), to: new Date(now.getTime() + WINDOW_AFTER_MS) }
}

/** A quarter more or less, so that many calendars do not knock at once. */
function jittered(ms: number): number {
  return Math.min(ms * (0.75 + Math.random() / 2), DAY_MS)
}
