import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import { lockNames, type Transaction } from '../../platform/db/index.ts'
import type { EventChange } from '../calendars/index.ts'
import { readAttendanceMode } from './attendance-store.ts'
import type { PlanContext } from './decide-attendance.ts'
import type { Meeting } from './meeting.ts'
import { readCandidates, writeMeetings } from './meeting-store.ts'
import { type OccurrenceRef, variantDeltas } from './occurrence.ts'
import {
  applyVariantDeltas,
  linkOccurrences,
  type Neighbourhood,
  pairId,
  readHeldTogether,
  readOccurrences,
  removeEmptyOccurrences,
} from './occurrence-store.ts'
import { planMeetings } from './plan-meetings.ts'

export interface ReconcileDeps {
  clock: Clock
  runnerOf: PlanContext['runnerOf']
  /** The sandbox always attends; everywhere else an administrator decides. */
  alwaysAttends: boolean
  /** What follows from a plan, in the same transaction: bots and their jobs. Given every meeting planned. */
  planned(trx: Transaction, meetings: readonly Meeting[]): Promise<void>
}

export interface ReconcileResult {
  /** Meetings looked at, and those of them that were written. */
  planned: number
  written: number
}

/**
 * Brings the stored plan in step with changed events, in the transaction that wrote them. Counts of copies are moved by the
 * difference, then the touched occurrences and their neighbours are planned anew. Run twice it changes nothing.
 */
export async function reconcileChanges(
  deps: ReconcileDeps,
  trx: Transaction,
  changes: readonly EventChange[],
): Promise<ReconcileResult> {
  const facts = changes.flatMap(({ before, after }) => [before, after]).filter((fact) => fact !== null)
  const inRooms = facts.flatMap((fact) =>
    fact.roomKey === null ? [] : [{ ...fact, roomKey: fact.roomKey, at: fact.startsAt }],
  )
  if (inRooms.length === 0) return { planned: 0, written: 0 }
  await lockPlan(trx, inRooms)
  await applyVariantDeltas(trx, variantDeltas(changes))
  return planOccurrences(deps, trx, inRooms, inRooms)
}

/** Plans some occurrences again although no event changed: the sweep, a changed rule, attendance switched on or off. */
export async function reconcileOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
): Promise<ReconcileResult> {
  if (refs.length === 0) return { planned: 0, written: 0 }
  await lockPlan(trx, refs)
  return planOccurrences(deps, trx, refs, [])
}

/** One planner at a time for a room, and for an invitation whose link moves it between rooms. */
async function lockPlan(trx: Transaction, refs: readonly OccurrenceRef[]): Promise<void> {
  await lockNames(
    trx,
    refs.flatMap((ref) => [`room ${ref.roomKey}`, `uid ${ref.uid}`]),
  )
}

async function planOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
): Promise<ReconcileResult> {
  const now = deps.clock.now()
  const { occurrences, wanted, meetingIds } = await readOccurrences(trx, refs, near)
  const heldTogether = await readHeldTogether(trx, occurrences)
  const starts = occurrences.flatMap((o) => o.variants.map((v) => ({ roomKey: o.roomKey, at: v.startsAt })))
  const stored = await readCandidates(trx, meetingIds, refs, starts)
  const plan = planMeetings({
    occurrences,
    wanted,
    stored,
    heldTogether: (a, b) => heldTogether.has(pairId(a.roomKey, a.uid, a.occurrenceKey, b.occurrenceKey)),
    context: { now, attendance: deps.alwaysAttends ? 'on' : await readAttendanceMode(trx), runnerOf: deps.runnerOf },
    newId,
  })
  const written = await writeMeetings(trx, plan.meetings, new Map(stored.map((meeting) => [meeting.id, meeting])), now)
  await linkOccurrences(trx, plan.links)
  await removeEmptyOccurrences(trx, refs)
  await deps.planned(trx, plan.meetings)
  return { planned: plan.meetings.length, written: written.size }
}
