import { type Database, inTransaction } from '../../platform/db/index.ts'
import { writeAttendanceMode } from './attendance-store.ts'
import type { AttendanceMode } from './decide-attendance.ts'
import { listOccurrencesToSweep } from './meeting-store.ts'
import { type ReconcileDeps, reconcileOccurrences } from './reconcile-meetings.ts'

const PAGE_MEETINGS = 200

export interface SweepResult {
  planned: number
  written: number
}

/** Plans every meeting that is not over again, a page in a transaction. What is in step already is not written. */
export async function sweepMeetings(deps: ReconcileDeps & { db: Database }): Promise<SweepResult> {
  const sum: SweepResult = { planned: 0, written: 0 }
  let afterId: string | undefined
  for (;;) {
    const page = await listOccurrencesToSweep(deps.db, deps.clock.now(), afterId, PAGE_MEETINGS)
    if (page.lastId === undefined) return sum
    const result = await inTransaction(deps.db, (trx) => reconcileOccurrences(deps, trx, page.refs))
    sum.planned += result.planned
    sum.written += result.written
    afterId = page.lastId
  }
}

/** Switches attendance and brings the plan in step: on schedules bots, off cancels what has not begun. */
export async function switchAttendance(
  deps: ReconcileDeps & { db: Database },
  input: { mode: AttendanceMode; by: string },
): Promise<SweepResult> {
  await inTransaction(deps.db, (trx) => writeAttendanceMode(trx, input.mode, input.by, deps.clock.now()))
  return sweepMeetings(deps)
}
