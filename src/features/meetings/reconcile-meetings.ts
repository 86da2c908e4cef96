import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import { keepPlans, lockNames, type Transaction } from '../../platform/db/index.ts'
import type { EventChange } from '../calendars/index.ts'
import { readPolicy } from './attendance-store.ts'
import type { PlanContext } from './decide-attendance.ts'
import type { Occurrence } from './identity.ts'
import type { StoredMeeting } from './match-meetings.ts'
import type { Meeting, Origin } from './meeting.ts'
import { readCandidates, writeMeetings } from './meeting-store.ts'
import { type OccurrenceRef, occurrenceId, variantDeltas } from './occurrence.ts'
import {
  applyVariantDeltas,
  linkOccurrences,
  type Neighbourhood,
  pairId,
  readHeldTogether,
  readOccurrences,
  removeEmptyOccurrences,
} from './occurrence-store.ts'
import { type Plan, planMeetings } from './plan-meetings.ts'
import type { RulesInForce } from './rules/rules-in-force.ts'
import { readWishes } from './wish-store.ts'

/** Shared by every plan; whoever changes rules or attendance holds it alone, so that no plan is written by what was before. */
export const POLICY_LOCK = 'policy'

export interface ReconcileDeps {
  clock: Clock
  runnerOf: PlanContext['runnerOf']
  /** The sandbox always attends; everywhere else an administrator decides. */
  alwaysAttends: boolean
  rulesInForce: RulesInForce
  /** What follows from a plan, in the same transaction: bots and their jobs. Given every meeting planned; answers what became of bots. */
  planned(trx: Transaction, meetings: readonly Meeting[], origin: Origin): Promise<BotChanges>
}

/** How many bots a plan made, moved to another time or room, and called off. */
export interface BotChanges {
  made: number
  moved: number
  calledOff: number
}

export interface ReconcileResult {
  /** Meetings looked at, and those of them that were written. */
  planned: number
  written: number
  bots: BotChanges
}

const nothing: ReconcileResult = { planned: 0, written: 0, bots: { made: 0, moved: 0, calledOff: 0 } }

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
  if (inRooms.length === 0) return nothing
  await lockPlan(trx, inRooms)
  await applyVariantDeltas(trx, variantDeltas(changes))
  return planOccurrences(deps, trx, inRooms, { near: inRooms, origin: 'calendar' })
}

/** Plans some occurrences again although no event changed: the sweep, a changed rule, attendance switched on or off. */
export async function reconcileOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  origin: Origin,
): Promise<ReconcileResult> {
  if (refs.length === 0) return nothing
  await lockPlan(trx, refs)
  return planOccurrences(deps, trx, refs, { near: [], origin })
}

/** One planner at a time for a room, and for an invitation whose link moves it between rooms. */
async function lockPlan(trx: Transaction, refs: readonly OccurrenceRef[]): Promise<void> {
  await keepPlans(trx)
  await lockNames(
    trx,
    refs.flatMap((ref) => [`room ${ref.roomKey}`, `uid ${ref.uid}`]),
    POLICY_LOCK,
  )
}

async function planOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  { near, origin }: { near: readonly Neighbourhood[]; origin: Origin },
): Promise<ReconcileResult> {
  const { plan, stored, occurrences } = await computePlan(deps, trx, refs, near)
  const before = new Map(stored.map((meeting) => [meeting.id, meeting]))
  const written = await writeMeetings(trx, plan.meetings, before, { now: deps.clock.now(), origin })
  await linkOccurrences(
    trx,
    plan.links.filter(({ occurrence, meetingId }) => occurrence.meetingId !== meetingId),
  )
  const held = new Set(occurrences.map(occurrenceId))
  await removeEmptyOccurrences(
    trx,
    refs.filter((ref) => !held.has(occurrenceId(ref))),
  )
  const bots = await deps.planned(trx, plan.meetings, origin)
  return { planned: plan.meetings.length, written: written.size, bots }
}

/** Computes the plan for some occurrences and their neighbours from what is stored, and writes nothing. */
export async function computePlan(
  deps: Omit<ReconcileDeps, 'planned'>,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  near: readonly Neighbourhood[],
): Promise<{ plan: Plan; stored: readonly StoredMeeting[]; occurrences: readonly Occurrence[] }> {
  const now = deps.clock.now()
  const policy = await readPolicy(trx)
  const attendance = deps.alwaysAttends ? 'on' : policy.attendance
  const rules = await deps.rulesInForce(trx, policy.ruleMark)
  const { occurrences, wanted, meetingIds } = await readOccurrences(trx, refs, near, rules.namedAddresses)
  const heldTogether = await readHeldTogether(trx, occurrences)
  const starts = occurrences.flatMap((o) => o.variants.map((v) => ({ roomKey: o.roomKey, at: v.startsAt })))
  const stored = await readCandidates(trx, meetingIds, refs, starts, now)
  const storedIds = stored.map(({ id }) => id)
  const plan = planMeetings({
    occurrences,
    wanted,
    stored,
    wishes: await readWishes(trx, [...occurrences, ...stored], storedIds),
    heldTogether: (a, b) => heldTogether.has(pairId(a.roomKey, a.uid, a.occurrenceKey, b.occurrenceKey)),
    context: { now, attendance, rules, runnerOf: deps.runnerOf },
    newId,
  })
  return { plan, stored, occurrences }
}
