import {
  applyWish,
  countPeople,
  countsOf,
  type DecisionResult,
  decideAttendance,
  type PlanContext,
  peopleOf,
} from './decide-attendance.ts'
import {
  groupOccurrences,
  type HeldTogether,
  type Occurrence,
  type OccurrenceGroup,
  speakingVariant,
} from './identity.ts'
import { isHeldElsewhere, matchMeetings, type StoredMeeting } from './match-meetings.ts'
import { isUnplanned, LEAST_LEFT_MS, type Meeting } from './meeting.ts'
import { occurrenceId } from './occurrence.ts'
import { findWish, type Wish, wishOf } from './wish.ts'

export interface PlanInput {
  /** What is to be planned, and its neighbours in the same rooms. */
  occurrences: readonly Occurrence[]
  /** `occurrenceId` of those whose meetings are to be planned; neighbours join in where they are one meeting with these. */
  wanted: ReadonlySet<string>
  /** Stored meetings that may be the ones planned. */
  stored: readonly StoredMeeting[]
  /** What people said about these invitations and meetings. */
  wishes: readonly Wish[]
  heldTogether: HeldTogether
  context: PlanContext
  newId(): string
}

export interface Plan {
  /** Every meeting planned, changed or not, new ones with a new id. */
  meetings: readonly Meeting[]
  /** The meeting each planned occurrence belongs to. */
  links: readonly { occurrence: Occurrence; meetingId: string }[]
}

/**
 * Computes which meetings there are and, with the rules, whether each is attended and why. Pure: the same copies in any order and
 * however often give the same plan; ids of stored meetings are kept.
 */
export function planMeetings(input: PlanInput): Plan {
  const groups = groupOccurrences(input.occurrences, input.heldTogether).filter((group) =>
    group.some((occurrence) => input.wanted.has(occurrenceId(occurrence))),
  )
  const matches = matchMeetings(groups, input.stored, input.context.now)
  const planned = groups.flatMap((group) => {
    const meeting = planGroup(group, matches.get(group), input)
    return meeting ? [{ group, meeting }] : []
  })
  const alive = new Set(planned.map(({ meeting }) => meeting.id))
  const covered = new Set(groups.flatMap((group) => group.map(occurrenceId)))
  const orphans = input.stored.filter(
    (meeting) => !alive.has(meeting.id) && !isHeldElsewhere(meeting, covered) && !isUnplanned(meeting),
  )
  return {
    meetings: [
      ...planned.map(({ meeting }) => meeting),
      ...orphans.map((meeting) => endMeeting(meeting, planned, input.context.now)),
    ],
    links: planned.flatMap(({ group, meeting }) => group.map((occurrence) => ({ occurrence, meetingId: meeting.id }))),
  }
}

function planGroup(group: OccurrenceGroup, stored: StoredMeeting | undefined, input: PlanInput): Meeting | undefined {
  const variants = group.flatMap((occurrence) => occurrence.variants)
  const said = speakingVariant(variants)
  if (!said) return undefined
  const decided = decideAttendance(said, group, input.context)
  const lastWord = findWish(input.wishes, group, stored)
  const wish = wishOf(lastWord)
  const wished = applyWish(decided, wish, said, input.context)
  const possible = refuseLate(wished, stored, said.endsAt, input.context.now)
  const verdict = keepPast(possible, stored, said.endsAt, input.context.now)
  const first = group.toSorted((a, b) => (occurrenceId(a) < occurrenceId(b) ? -1 : 1))[0] ?? group[0]
  // A meeting that somebody sent a bot to, and that a calendar turns out to know, goes on under its invitation.
  const known = stored === undefined || isUnplanned(stored) ? first : stored
  return {
    id: stored?.id ?? input.newId(),
    platform: said.platform,
    roomId: said.roomId,
    roomKey: said.roomKey,
    meetingUrl: said.meetingUrl,
    uid: known.uid,
    occurrenceKey: known.occurrenceKey,
    startsAt: said.startsAt,
    endsAt: said.endsAt,
    isAllDay: said.isAllDay,
    title: said.title,
    isPrivate: variants.some((variant) => variant.visibility === 'private' || variant.visibility === 'confidential'),
    organizerEmail: said.organizerEmail,
    attendeeCount: countPeople(peopleOf(group), verdict.reasonDetail),
    copies: verdict.reasonDetail.copies,
    supporting: verdict.reasonDetail.supporting,
    wish,
    wishAt: lastWord?.wishedAt ?? null,
    wishBy: lastWord?.wishedBy ?? null,
    ...verdict,
  }
}

/** Nobody is sent to what is as good as over, so it is not said to be attended; unless it was already, and its bot is there. */
function refuseLate(
  verdict: DecisionResult,
  stored: StoredMeeting | undefined,
  endsAt: Date,
  now: Date,
): DecisionResult {
  const isLate = endsAt.getTime() - LEAST_LEFT_MS <= now.getTime()
  if (!isLate || verdict.decision !== 'attend' || stored?.decision === 'attend') return verdict
  return { decision: 'skip', reason: 'already_over', reasonDetail: countsOf(verdict) }
}

/** What was decided while a meeting could still be attended is not rewritten once it is over. */
function keepPast(verdict: DecisionResult, stored: StoredMeeting | undefined, endsAt: Date, now: Date): DecisionResult {
  const isPast = endsAt <= now && stored !== undefined && stored.endsAt <= now
  if (!isPast) return verdict
  return {
    decision: stored.decision,
    reason: stored.reason,
    reasonDetail: { ...stored.reasonDetail, ...countsOf(verdict) },
  }
}

/** A meeting without copies: part of another now, or gone from every calendar. It stays as a record. */
function endMeeting(
  stored: StoredMeeting,
  planned: readonly { group: OccurrenceGroup; meeting: Meeting }[],
  now: Date,
): Meeting {
  const into = planned.find(({ group }) => group.some((occurrence) => occurrence.meetingId === stored.id))
  const { createdAt: _, heldBy: __, ...meeting } = stored
  const none = { copies: 0, supporting: 0 }
  if (stored.endsAt <= now) return { ...meeting, ...none, reasonDetail: { ...stored.reasonDetail, ...none } }
  const reasonDetail = into ? { ...none, mergedInto: into.meeting.id } : none
  return { ...meeting, ...none, decision: 'skip', reason: into ? 'merged' : 'gone', reasonDetail }
}
