import { AppError } from '../../../base/errors.ts'
import { createTurns } from '../../../base/take-turns.ts'
import { inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { claimRevision, type SyncSource } from '../calendar-store.ts'
import type { SourceProblem } from '../event.ts'
import { describeLeftOut } from '../event-limits.ts'
import { type EventOwner, type EventWrite, type StoredWrite, storeEvents } from '../event-store.ts'
import { recordHalfWay } from '../expansion-store.ts'
import { forgetUnreadable, replaceProblems } from '../problem-store.ts'
import type { SyncDeps } from './deps.ts'

/** What one transaction writes. */
export interface ItemsWrite extends EventWrite {
  /** UIDs and ids whose stored problems are replaced by these. */
  problemKeys: readonly string[]
  problems: readonly SourceProblem[]
  /** Set where a round listed everything: all problems of the calendar as such, and the ids of all that could not be read. */
  whole?: { problems: readonly SourceProblem[]; unreadable: readonly string[] }
  /** Set for what leaves items and events at odds until the whole reading is through. */
  part?: { forgetsCursor: boolean }
  /** What else belongs into the transaction: before the events are written, */
  before?: (trx: Transaction) => Promise<unknown>
  /** and at its end; `hasChanged`: whether this or an earlier transaction of this reading changed an event. */
  after?: ((trx: Transaction, hasChanged: boolean) => Promise<unknown>) | undefined
}

/** A write of more events than this takes long, and so many at a time leave connections for everybody else. */
const LONG_WRITE_EVENTS = 50
/** Where one write has as many as this, or as many have changed, there may be many more. */
const LONG_CALENDAR_EVENTS = 500
const LONG_WRITES_AT_ONCE = 2
/** However many calendars are read at once: a connection is left for pages and bots. */
const WRITES_AT_ONCE = 4
const longInTurn = createTurns(LONG_WRITES_AT_ONCE)
const inTurn = createTurns(WRITES_AT_ONCE)

export const nothing: ItemsWrite = { uids: [], drafts: [], problemKeys: [], problems: [] }

/** Writes one calendar; each transaction claims its revision first, so that two who read it at once never mix. */
export interface Writer {
  readonly owner: EventOwner
  /** Events written or deleted so far. */
  readonly changes: number
  /** Whether a part was written. */
  readonly isHalfWay: boolean
  /**
   * Writes events and plan in one transaction. Throws `calendar_written_meanwhile` where somebody else wrote since it was read, and
   * `calendar_is_long` for a long write where such are left to others.
   */
  write(work: ItemsWrite): Promise<void>
}

export function createWriter(deps: SyncDeps, source: SyncSource, { leavesLong }: { leavesLong: boolean }): Writer {
  let revision = source.revision
  let changes = 0
  let isHalfWay = false
  const disconnectedAt = source.state === 'connected' ? null : (source.disconnectedAt ?? new Date(0))
  const isFirstReading = source.lastSuccessAt === null
  const owner = { calendarId: source.id, ownerEmail: source.ownerEmail, disconnectedAt, isFirstReading }
  return {
    owner,
    get changes() {
      return changes
    },
    get isHalfWay() {
      return isHalfWay
    },
    async write(work) {
      const hasMuch = work.drafts.length > 0 && Math.max(work.drafts.length, changes) >= LONG_CALENDAR_EVENTS
      if (leavesLong && hasMuch) throw isLong()
      const now = deps.clock.now()
      const write = async (trx: Transaction) => {
        if (!(await claimRevision(trx, source.id, revision))) throw writtenMeanwhile()
        if (work.part && !isHalfWay) await recordHalfWay(trx, source.id, work.part)
        await work.before?.(trx)
        const { changes: changed, leftOut } = await storeEvents(trx, owner, work, now)
        if (work.whole) {
          await replaceProblems(trx, source.id, undefined, work.whole.problems, now)
          await forgetUnreadable(trx, source.id, work.whole.unreadable)
        }
        // What is only planned ahead is listed, with its problems, later.
        const tooMany = work.keepsOthers ? [] : describeAll(leftOut)
        await replaceProblems(trx, source.id, work.problemKeys, [...work.problems, ...tooMany], now)
        if (changed.length > 0) await deps.reconcile(trx, changed)
        await work.after?.(trx, changes + changed.length > 0)
        return changed.length
      }
      const run = () => inTurn(() => inTransaction(deps.db, write))
      const changed = await (work.drafts.length > LONG_WRITE_EVENTS ? longInTurn(run) : run())
      if (work.part) isHalfWay = true
      revision += 1
      changes += changed
    },
  }
}

/** One problem for each invitation. */
function describeAll(leftOut: StoredWrite['leftOut']): SourceProblem[] {
  const byUid = Map.groupBy(leftOut, ({ source, why }) => JSON.stringify([source.uid, why]))
  return [...byUid.values()].flatMap((list) => {
    const [first] = list
    return first ? [describeLeftOut(first.source, list.length, first.why)] : []
  })
}

function isLong(): AppError {
  return new AppError(
    'calendar_is_long',
    'Much has to be written of this calendar; it is read apart from the others.',
    {
      retry: 'later',
    },
  )
}

function writtenMeanwhile(): AppError {
  return new AppError(
    'calendar_written_meanwhile',
    'The calendar was changed by somebody else at the same time; it is read again.',
    { retry: 'later' },
  )
}
