import type { Clock } from '../../base/clock.ts'
import { newId } from '../../base/ids.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { type EventChange, followToRooms } from '../calendars/index.ts'
import { nothingKnown, type ReadKnownPeople } from '../people/index.ts'
import type { PlanContext } from './decide-attendance.ts'
import type { Meeting, Origin } from './meeting.ts'
import { readCandidates, writeMeetings } from './meeting-store.ts'
import { type OccurrenceRef, occurrenceId, variantDeltas } from './occurrence.ts'
import {
  applyVariantDeltas,
  linkOccurrences,
  listOccurrencesOfUids,
  type Neighbourhood,
  pairId,
  readHeldTogether,
  readOccurrences,
  readWithoutNewReaders,
  removeEmptyOccurrences,
} from './occurrence-store.ts'
import { beginPlan, type Policy } from './plan-lock-store.ts'
import { type Plan, planMeetings } from './plan-meetings.ts'
import type { RulesInForce } from './rules/rules-in-force.ts'
import { readWishes } from './wish-store.ts'
import { listAcceptedByOne } from './words/accepted-store.ts'
import { writeInvitations, writeMuteCopies } from './words/authority-store.ts'
import { findSpeakers, type Speakers } from './words/find-speakers.ts'
import { listOpenTo, type RoomSpan, readRoomsWithin } from './words/room-store.ts'
import { settleRooms } from './words/settle-rooms.ts'

export interface ReconcileDeps {
  clock: Clock
  runnerOf: PlanContext['runnerOf']
  lateJoinMs: number
  /** The sandbox always attends; everywhere else an administrator decides. */
  alwaysAttends: boolean
  rulesInForce: RulesInForce
  /** What the directory knows of people and groups; nothing where left out. */
  knownPeople?: ReadKnownPeople
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
  const written = placesOf(changes)
  if (written.length === 0) return nothing
  const { policy, aliases } = await beginPlan(trx, written)
  const followed = aliases.size === 0 ? changes : await followToRooms(trx, changes, aliases)
  const inRooms = placesOf(followed)
  if (aliases.size > 0) await beginPlan(trx, inRooms)
  await applyVariantDeltas(trx, variantDeltas(followed))
  return planOccurrences(deps, trx, inRooms, { policy, near: inRooms, changes: followed, origin: 'calendar' })
}

/** The rooms and times of which some changes speak. */
function placesOf(changes: readonly EventChange[]): (OccurrenceRef & Neighbourhood)[] {
  const facts = changes.flatMap(({ before, after }) => [before, after]).filter((fact) => fact !== null)
  return facts.flatMap((fact) => (fact.roomKey === null ? [] : [{ ...fact, roomKey: fact.roomKey, at: fact.startsAt }]))
}

/** Plans some occurrences again although no event changed: the sweep, a changed rule, attendance switched on or off. */
export async function reconcileOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  origin: Origin,
): Promise<ReconcileResult> {
  if (refs.length === 0) return nothing
  const { policy } = await beginPlan(trx, refs)
  return planOccurrences(deps, trx, refs, { policy, near: [], changes: [], origin })
}

interface PlanScope {
  policy: Policy
  near: readonly Neighbourhood[]
  /** The changes that this transaction counted. */
  changes: readonly EventChange[]
}

async function planOccurrences(
  deps: ReconcileDeps,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  { origin, isFurther = false, ...scope }: PlanScope & { origin: Origin; isFurther?: boolean },
): Promise<ReconcileResult> {
  const { plan, stored, speakers, heard, wanted } = await computePlan(deps, trx, refs, scope)
  await writeInvitations(trx, speakers.invitations)
  await writeMuteCopies(trx, speakers.mutes)
  const before = new Map(stored.map((meeting) => [meeting.id, meeting]))
  const written = await writeMeetings(trx, plan.meetings, before, { now: deps.clock.now(), origin })
  await linkOccurrences(
    trx,
    plan.links.filter(({ occurrence, meetingId }) => occurrence.meetingId !== meetingId),
  )
  const held = new Set(heard.map(occurrenceId))
  await removeEmptyOccurrences(
    trx,
    refs.filter((ref) => !held.has(occurrenceId(ref))),
  )
  const bots = await deps.planned(trx, plan.meetings, origin)
  const result = { planned: plan.meetings.length, written: written.size, bots }
  if (isFurther) return result
  // Whose invitation it is concerns all its occurrences. Planned once more and no further, whatever they say.
  const others = (await listOccurrencesOfUids(trx, speakers.invitations)).filter(
    (ref) => !wanted.has(occurrenceId(ref)),
  )
  if (others.length === 0) return result
  await beginPlan(trx, others)
  const further = { policy: scope.policy, near: [], changes: [], origin, isFurther: true }
  return addResults(result, await planOccurrences(deps, trx, others, further))
}

function addResults(a: ReconcileResult, b: ReconcileResult): ReconcileResult {
  const bots = {
    made: a.bots.made + b.bots.made,
    moved: a.bots.moved + b.bots.moved,
    calledOff: a.bots.calledOff + b.bots.calledOff,
  }
  return { planned: a.planned + b.planned, written: a.written + b.written, bots }
}

interface Computed {
  plan: Plan
  /** The meetings as they are stored, those planned and their neighbours. */
  stored: readonly Meeting[]
  speakers: Speakers
  heard: readonly OccurrenceRef[]
  wanted: ReadonlySet<string>
}

/** Computes the plan for some occurrences and their neighbours from what is stored, and writes nothing. */
export async function computePlan(
  deps: Omit<ReconcileDeps, 'planned'>,
  trx: Transaction,
  refs: readonly OccurrenceRef[],
  { policy, near, changes }: PlanScope,
): Promise<Computed> {
  const now = deps.clock.now()
  const attendance = deps.alwaysAttends ? 'on' : policy.attendance
  const rules = await deps.rulesInForce(trx, policy.ruleMark)
  const { heard, wanted, meetingIds } = await readOccurrences(trx, refs, near, rules.namedAddresses)
  const people = (await deps.knownPeople?.(trx, policy.peopleVersion)) ?? nothingKnown
  const speakers = await findSpeakers(trx, heard, changes, people)
  const { occurrences } = speakers
  const heldTogether = await readHeldTogether(trx, occurrences)
  const withoutNewReaders = await readWithoutNewReaders(trx, occurrences)
  const starts = occurrences.flatMap((o) => o.variants.map((v) => ({ roomKey: o.roomKey, at: v.startsAt })))
  const stored = await readCandidates(trx, meetingIds, refs, starts, now)
  const storedIds = stored.map(({ id }) => id)
  const own = planMeetings({
    occurrences,
    wanted,
    stored,
    wishes: await readWishes(trx, [...occurrences, ...stored], storedIds),
    heldTogether: (a, b) => heldTogether.has(pairId(a.roomKey, a.uid, a.occurrenceKey, b.occurrenceKey)),
    withoutNewReaders,
    context: { now, attendance, rules, runnerOf: deps.runnerOf, lateJoinMs: deps.lateJoinMs },
    newId,
  })
  const refsOf = Map.groupBy(own.links, ({ meetingId }) => meetingId)
  const settle = {
    stored,
    now,
    refsOf: (id: string) => (refsOf.get(id) ?? []).map(({ occurrence }) => occurrence),
  }
  const { meetings, neighbours } = await settlePlanned(trx, own.meetings, settle)
  return { plan: { ...own, meetings }, stored: [...stored, ...neighbours], speakers, heard, wanted }
}

/** Writes a meeting that stands in no calendar, and what that makes of the others of its room. The room must be locked. */
export async function planUnplanned(
  deps: ReconcileDeps,
  trx: Transaction,
  meeting: Meeting,
  before: Meeting | undefined,
): Promise<void> {
  const now = deps.clock.now()
  const known = before ? [before] : []
  const settle = { stored: known, now, refsOf: () => [] }
  const { meetings, neighbours } = await settlePlanned(trx, [meeting], settle)
  const stored = new Map([...known, ...neighbours].map((one) => [one.id, one]))
  await writeMeetings(trx, meetings, stored, { now, origin: 'person' })
  await deps.planned(trx, meetings, 'person')
}

/** Decides between the planned meetings and the others of their rooms, as they were and as they are to be. */
async function settlePlanned(
  trx: Transaction,
  computed: readonly Meeting[],
  { stored, now, refsOf }: SettleScope,
): Promise<{ meetings: Meeting[]; neighbours: Meeting[] }> {
  const ids = new Set(computed.map(({ id }) => id))
  const before = stored.filter((meeting) => ids.has(meeting.id))
  const touched = [...computed, ...before].filter(({ endsAt }) => endsAt > now)
  const { meetings: found, rooms } = await readRoomsWithin(trx, spansOf(touched), now)
  // Copies were counted; where it silences a room, or opens a closed one, it is persons that count.
  const matters = computed.filter((one) => one.isAcceptedByOthers && (one.saysNo || rooms.get(one.roomKey)?.isClosed))
  const doubted = matters.map((one) => ({ ...one, refs: refsOf(one.id) }))
  const acceptedByOne = await listAcceptedByOne(trx, doubted)
  const planned = computed.map((one) => (acceptedByOne.has(one.id) ? { ...one, isAcceptedByOthers: false } : one))
  const near = found.filter(({ id }) => !ids.has(id))
  // Those of them that are planned anew have further neighbours, which stay as they are.
  const further = near.length === 0 ? [] : (await readRoomsWithin(trx, spansOf(near), now)).meetings
  const nearIds = new Set(near.map(({ id }) => id))
  const others = [...near, ...further.filter(({ id }) => !ids.has(id) && !nearIds.has(id))]
  const closed = [...planned, ...others].filter(({ roomKey }) => rooms.get(roomKey)?.isClosed)
  const openTo = await listOpenTo(
    trx,
    closed.map(({ id }) => id),
  )
  for (const room of rooms.values()) room.openTo = openTo
  const settled = settleRooms(planned, others, rooms, now)
  return { meetings: settled.filter(({ id }) => ids.has(id) || nearIds.has(id)), neighbours: others }
}

interface SettleScope {
  stored: readonly Meeting[]
  now: Date
  /** The invitations of a planned meeting. */
  refsOf(id: string): readonly OccurrenceRef[]
}

function spansOf(meetings: readonly Meeting[]): RoomSpan[] {
  return meetings.map(({ roomKey, startsAt, endsAt }) => ({ roomKey, from: startsAt, until: endsAt }))
}
