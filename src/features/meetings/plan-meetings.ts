import {
  applyWish,
  countPeople,
  countsOf,
  type DecisionResult,
  decideAttendance,
  type PlanContext,
  peopleOf,
  weighVerdict,
} from './decide-attendance.ts'
import {
  groupOccurrences,
  type HeldTogether,
  leadingPart,
  type Occurrence,
  type OccurrenceGroup,
  speakingVariant,
  type WithoutNewReaders,
} from './identity.ts'
import { latestJoinOf } from './late-join.ts'
import { isHeldElsewhere, matchMeetings, type StoredMeeting } from './match-meetings.ts'
import { isUnplanned, type Meeting } from './meeting.ts'
import { type OccurrenceVariant, occurrenceId, variantId } from './occurrence.ts'
import { findWish, type SaidWish, wishOf } from './wish.ts'
import { extendStanding } from './words/standing.ts'

interface PlanInput {
  /** What is to be planned, and its neighbours in the same rooms. */
  occurrences: readonly Occurrence[]
  /** `occurrenceId` of those whose meetings are to be planned; neighbours join in where they are one meeting with these. */
  wanted: ReadonlySet<string>
  /** Stored meetings that may be the ones planned. */
  stored: readonly StoredMeeting[]
  /** What people said about these invitations and meetings. */
  wishes: readonly SaidWish[]
  heldTogether: HeldTogether
  withoutNewReaders: WithoutNewReaders
  context: PlanContext
  newId(): string
}

export interface Plan {
  /** Every meeting planned, changed or not, new ones with a new id. */
  meetings: readonly Meeting[]
  /** The meeting each planned occurrence belongs to; none where nobody speaks of it. */
  links: readonly { occurrence: Occurrence; meetingId: string | null }[]
}

/**
 * Computes which meetings there are and, with the rules, whether each is attended and why. Pure: the same copies in any order and
 * however often give the same plan; ids of stored meetings are kept.
 */
export function planMeetings(input: PlanInput): Plan {
  const isWanted = (occurrence: Occurrence) => input.wanted.has(occurrenceId(occurrence))
  const said = input.occurrences.filter(({ variants }) => variants.length > 0)
  const unsaid = input.occurrences.filter((occurrence) => occurrence.variants.length === 0 && isWanted(occurrence))
  const groups = touchedGroups(groupOccurrences(said, input.heldTogether, input.withoutNewReaders), isWanted)
  const matches = matchMeetings(groups, input.stored, input.context.now, unsaid)
  const planned = groups.flatMap((group) => {
    const meeting = planGroup(group, matches.get(group), input)
    return meeting ? [{ group, meeting }] : []
  })
  const alive = new Set(planned.map(({ meeting }) => meeting.id))
  const covered = new Set([...groups.flat(), ...unsaid].map(occurrenceId))
  const orphans = input.stored.filter(
    (meeting) => !alive.has(meeting.id) && !isHeldElsewhere(meeting, covered) && !isUnplanned(meeting),
  )
  const heirs = new Map(
    planned
      .flatMap(({ group, meeting }) => group.map(({ meetingId }) => [meetingId ?? '', meeting] as const))
      .reverse(),
  )
  return {
    meetings: [
      ...planned.map(({ meeting }) => meeting),
      ...orphans.map((meeting) => endMeeting(meeting, heirs.get(meeting.id), input.context.now)),
    ],
    links: [
      ...planned.flatMap(({ group, meeting }) => group.map((occurrence) => ({ occurrence, meetingId: meeting.id }))),
      ...unsaid.map((occurrence) => ({ occurrence, meetingId: null })),
    ],
  }
}

/** The groups with something that is to be planned, and those that a meeting of these is taken apart into. */
function touchedGroups(groups: readonly OccurrenceGroup[], isWanted: (one: Occurrence) => boolean): OccurrenceGroup[] {
  const touched = new Set(groups.filter((group) => group.some(isWanted)))
  const meetingIds = new Set<string>()
  for (let size = -1; size !== touched.size; ) {
    size = touched.size
    for (const group of touched) for (const { meetingId } of group) if (meetingId !== null) meetingIds.add(meetingId)
    for (const group of groups)
      if (group.some(({ meetingId }) => meetingId !== null && meetingIds.has(meetingId))) touched.add(group)
  }
  return groups.filter((group) => touched.has(group))
}

function planGroup(group: OccurrenceGroup, stored: StoredMeeting | undefined, input: PlanInput): Meeting | undefined {
  const leading = leadingPart(group)
  const said = speakingVariant(leading)
  if (!said || (stored === undefined && group.every(isNobodys))) return undefined
  const isPrivate = visibilityOf(said, leading)
  const decided = decideAttendance({ ...said, visibility: isPrivate ?? said.visibility }, group, input.context)
  const lastWord = findWish(input.wishes, group, stored)
  const wish = wishOf(lastWord)
  const wished = applyWish(decided, wish, said, input.context)
  const possible = refuseLate(wished, stored, said, input.context)
  const verdict = keepPast(possible, stored, said.endsAt, input.context.now)
  const first = group.toSorted((a, b) => (occurrenceId(a) < occurrenceId(b) ? -1 : 1))[0] ?? group[0]
  // A meeting that somebody sent a bot to, and that a calendar turns out to know, goes on under its invitation.
  const known = stored === undefined || isUnplanned(stored) ? first : stored
  const planned: Omit<Meeting, 'standing'> = {
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
    isPrivate: isPrivate !== undefined,
    organizerEmail: said.organizerEmail,
    attendeeCount: countPeople(peopleOf(group), verdict.reasonDetail),
    copies: verdict.reasonDetail.copies,
    supporting: verdict.reasonDetail.supporting,
    wish,
    wishAt: lastWord?.wishedAt ?? null,
    wishBy: lastWord?.wishedBy ?? null,
    ...verdict,
    ...whoseIs(leading),
    ...rankOf(group, wished),
    ownVerdict: verdict,
    seatFrom: stored?.seatFrom ?? null,
    hasRival: stored?.hasRival ?? false,
    heldAt: stored?.heldAt ?? null,
  }
  return { ...planned, standing: standingOf(planned, stored, group, input.context.now) }
}

/** How the organiser's copy, else any of the first circle's, hides its invitation; undefined where it is open. */
function visibilityOf(said: OccurrenceVariant, group: OccurrenceGroup): 'confidential' | 'private' | undefined {
  const circle = group.flatMap(({ variants, authority }) =>
    variants.filter((variant) => authority.circleVariants.has(variantId(variant))),
  )
  const seen = new Set([said, ...circle].map(({ visibility }) => visibility))
  return (['confidential', 'private'] as const).find((one) => seen.has(one))
}

function whoseIs(group: OccurrenceGroup): Pick<Meeting, 'provenOrganizer' | 'circle'> {
  const { provenOrganizer, circle } =
    group.find(({ authority }) => authority.provenOrganizer !== null)?.authority ?? group[0].authority
  return { provenOrganizer, circle: provenOrganizer === null ? circle : [] }
}

function rankOf(
  group: OccurrenceGroup,
  verdict: DecisionResult,
): Pick<Meeting, 'isRanked' | 'saysNo' | 'isAcceptedByOthers' | 'isAcceptedByOwner'> {
  const { saysNo, isMeeting } = weighVerdict(verdict)
  const accepted = group.flatMap(({ variants, authority }) =>
    variants
      .filter((variant) => !(variant.isOrganizerCopy && variant.organizerEmail === authority.provenOrganizer))
      .map((variant) => variant.accepted),
  )
  const others = accepted.reduce((sum, count) => sum + count, 0)
  const isProven = group.some(({ authority }) => authority.provenOrganizer !== null)
  return {
    saysNo,
    isRanked: isMeeting && !group.every(isAllDay),
    isAcceptedByOthers: others > (isProven ? 0 : 1),
    isAcceptedByOwner: isProven || group[0].authority.isAcceptedByOwner,
  }
}

/** What its organiser's calendar, which is here, does not hold: others' copies alone make no meeting of it. */
function isNobodys({ authority: { calledOff, circleVariants } }: Occurrence): boolean {
  return calledOff !== undefined && circleVariants.size > 0
}

function isAllDay({ variants }: Occurrence): boolean {
  return variants.every((variant) => variant.isAllDay)
}

/** A meeting that does not live, or has no rank, stands nowhere; when it does again it is new. */
function standingOf(
  meeting: Omit<Meeting, 'standing'>,
  stored: StoredMeeting | undefined,
  group: OccurrenceGroup,
  now: Date,
): Meeting['standing'] {
  if (meeting.supporting === 0 || !meeting.isRanked) return []
  const before = stored?.roomKey === meeting.roomKey ? stored.standing : []
  const span = { from: meeting.startsAt.getTime(), until: meeting.endsAt.getTime() }
  // What it is moved to is new, whoever's copy said so before.
  if (before.length > 0) return extendStanding(before, span, now.getTime())
  const own = group.flatMap(({ variants, authority }) =>
    variants.filter((variant) => variant.isOrganizerCopy && variant.organizerEmail === authority.provenOrganizer),
  )
  const here = (own.length > 0 ? own : group.flatMap(({ variants }) => variants)).filter((v) => v.supporting > 0)
  const asSaid = here.filter((v) => v.startsAt.getTime() === span.from && v.endsAt.getTime() === span.until)
  const placed = (asSaid.length > 0 ? asSaid : here).map(({ placedAt }) => placedAt.getTime())
  return extendStanding(before, span, Math.min(...placed, now.getTime()))
}

/** Nobody is sent to what is as good as over, so it is not said to be attended; unless it was already, and its bot is there. */
function refuseLate(
  verdict: DecisionResult,
  stored: StoredMeeting | undefined,
  times: Pick<Meeting, 'startsAt' | 'endsAt'>,
  { now, lateJoinMs }: PlanContext,
): DecisionResult {
  const isLate = latestJoinOf(times, lateJoinMs) <= now.getTime()
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
function endMeeting(stored: StoredMeeting, into: Meeting | undefined, now: Date): Meeting {
  const { createdAt: _, heldBy: __, ...known } = stored
  const meeting = { ...known, standing: [] }
  const none = { copies: 0, supporting: 0 }
  if (stored.endsAt <= now) return { ...meeting, ...none, reasonDetail: { ...stored.reasonDetail, ...none } }
  const reasonDetail = into ? { ...none, mergedInto: into.id } : none
  const verdict = { decision: 'skip', reason: into ? 'merged' : 'gone', reasonDetail } as const
  return { ...meeting, ...none, ...verdict, ownVerdict: verdict }
}
