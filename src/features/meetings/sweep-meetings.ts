import { type Database, inTransaction, lockNames } from '../../platform/db/index.ts'
import { type Actor, recordAudit } from '../people/index.ts'
import { writeAttendanceMode } from './attendance-store.ts'
import type { AttendanceMode } from './decide-attendance.ts'
import type { Origin } from './meeting.ts'
import { listOccurrencesToSweep } from './meeting-store.ts'
import { POLICY_LOCK } from './plan-lock-store.ts'
import { type ReconcileDeps, type ReconcileResult, reconcileOccurrences } from './reconcile-meetings.ts'

const PAGE_MEETINGS = 200

export type SweepResult = ReconcileResult

interface SweepOptions {
  origin: Origin
  /** Only meetings that start before. */
  startsBefore?: Date
  /** Says what would be done, and takes it back. */
  isDryRun?: boolean
}

/** Plans every meeting that is not over again, a page in a transaction. What is in step already is not written. */
export async function sweepMeetings(
  deps: ReconcileDeps & { db: Database },
  { origin, startsBefore, isDryRun = false }: SweepOptions,
): Promise<SweepResult> {
  const sum: SweepResult = { planned: 0, written: 0, bots: { made: 0, moved: 0, calledOff: 0 } }
  let afterId: string | undefined
  for (;;) {
    const among = { endsAfter: deps.clock.now(), ...(startsBefore ? { startsBefore } : {}) }
    const page = await listOccurrencesToSweep(deps.db, among, afterId, PAGE_MEETINGS)
    if (page.lastId === undefined) return sum
    add(sum, await sweepPage(deps, page.refs, origin, isDryRun))
    afterId = page.lastId
  }
}

type Refs = Parameters<typeof reconcileOccurrences>[2]

async function sweepPage(
  deps: ReconcileDeps & { db: Database },
  refs: Refs,
  origin: Origin,
  isDryRun: boolean,
): Promise<SweepResult> {
  if (!isDryRun) return inTransaction(deps.db, (trx) => reconcileOccurrences(deps, trx, refs, origin))
  let result: SweepResult | undefined
  const takenBack = new Error('Taken back')
  try {
    await inTransaction(deps.db, async (trx) => {
      result = await reconcileOccurrences(deps, trx, refs, origin)
      throw takenBack
    })
  } catch (error) {
    if (error !== takenBack) throw error
  }
  return result as SweepResult
}

function add(sum: SweepResult, more: SweepResult): void {
  sum.planned += more.planned
  sum.written += more.written
  for (const name of ['made', 'moved', 'calledOff'] as const) sum.bots[name] += more.bots[name]
}

/** Switches attendance and brings the plan in step: on schedules bots, off cancels what has not begun. */
export async function switchAttendance(
  deps: ReconcileDeps & { db: Database },
  { mode, by, from }: Actor & { mode: AttendanceMode },
): Promise<SweepResult> {
  await inTransaction(deps.db, async (trx) => {
    await lockNames(trx, [POLICY_LOCK])
    const at = deps.clock.now()
    await writeAttendanceMode(trx, mode, by, at)
    await recordAudit(trx, { at, by, from, action: 'attendance_switched', subject: 'attendance', detail: { mode } })
  })
  return sweepMeetings(deps, { origin: 'attendance' })
}
