import { MINUTE_MS } from '../../base/time.ts'
import { type OccurrenceGroup, speakingVariant } from './identity.ts'
import { isUnplanned, type Meeting, SOON_MS } from './meeting.ts'
import { occurrenceId } from './occurrence.ts'

/** A meeting that begins sooner keeps its id: its bot may be on its way. */
const TOO_LATE_TO_SWAP_MS = 3 * MINUTE_MS

/** A meeting as stored, with what matching needs besides. */
export interface StoredMeeting extends Meeting {
  createdAt: Date
  /** `occurrenceId` of the occurrences that belong to it. */
  heldBy: readonly string[]
}

/**
 * Finds for each group the stored meeting it goes on as, so that a meeting keeps its id through moves: first one that its occurrences
 * already belong to, then one with the same UID and key that lost its copies (a new link), then one in the same room at the same
 * start with the same organiser (a series split, an invitation made anew), last one that somebody sent a bot to while the group's takes
 * place there. Each meeting goes to one group at most.
 *
 * A new link reaches the calendars one after the other: the first copy to have it makes a meeting of its own. When the last copy has
 * followed, the meeting from before takes its place back, unless the other one is about to begin.
 */
export function matchMeetings(
  groups: readonly OccurrenceGroup[],
  stored: readonly StoredMeeting[],
  now: Date,
): Map<OccurrenceGroup, StoredMeeting> {
  const matches = new Map<OccurrenceGroup, StoredMeeting>()
  const free = new Map(stored.map((meeting) => [meeting.id, meeting]))
  const mayMatch = createLookup(stored)
  const planned = new Set(groups.flatMap((group) => group.map(occurrenceId)))
  const rounds: ((group: OccurrenceGroup, meeting: StoredMeeting) => boolean)[] = [
    (group, meeting) => belongsTo(group, meeting) && hasIdentity(group, meeting),
    belongsTo,
    (group, meeting) => !isHeldElsewhere(meeting, planned) && hasIdentity(group, meeting),
    (group, meeting) => !isHeldElsewhere(meeting, planned) && startsTogether(group, meeting),
    (group, meeting) => isUnplanned(meeting) && meeting.endsAt > now && takesPlaceWith(group, meeting),
  ]
  for (const isMatch of rounds) {
    for (const group of groups) {
      if (matches.has(group)) continue
      const match = mayMatch(group)
        .filter((meeting) => free.has(meeting.id) && isMatch(group, meeting))
        .toSorted(olderFirst)[0]
      if (!match) continue
      matches.set(group, match)
      free.delete(match.id)
    }
    // What some group's occurrences still belong to is theirs; the later rounds may only take what lies idle.
    if (isMatch === belongsTo)
      for (const group of groups) for (const o of group) if (o.meetingId) free.delete(o.meetingId)
  }
  for (const [group, heir] of matches) {
    if (heir.startsAt.getTime() - now.getTime() < TOO_LATE_TO_SWAP_MS) continue
    const older = mayMatch(group)
      .filter((meeting) => free.has(meeting.id) && hasIdentity(group, meeting) && !isHeldElsewhere(meeting, planned))
      .filter((meeting) => meeting.createdAt < heir.createdAt)
      .toSorted(olderFirst)[0]
    if (!older) continue
    matches.set(group, older)
    free.delete(older.id)
  }
  return matches
}

/** Finds those of the stored meetings that have anything in common with a group by which it could go on as them; of many, few. */
function createLookup(stored: readonly StoredMeeting[]): (group: OccurrenceGroup) => StoredMeeting[] {
  const byId = Map.groupBy(stored, (meeting) => meeting.id)
  const byIdentity = Map.groupBy(stored, (meeting) => identityOf(meeting))
  const byStart = Map.groupBy(stored, (meeting) => startOf(meeting.roomKey, meeting.startsAt))
  const sentTo = Map.groupBy(stored.filter(isUnplanned), (meeting) => meeting.roomKey)
  return (group) => {
    const said = speakingVariant(group.flatMap((occurrence) => occurrence.variants))
    const nearStart = said ? [-MINUTE_MS, 0, MINUTE_MS].map((ms) => new Date(said.startsAt.getTime() + ms)) : []
    return [
      ...new Set([
        ...group.flatMap((o) => byId.get(o.meetingId ?? '') ?? []),
        ...group.flatMap((o) => byIdentity.get(identityOf(o)) ?? []),
        ...nearStart.flatMap((at) => byStart.get(startOf(said?.roomKey ?? '', at)) ?? []),
        ...(sentTo.get(said?.roomKey ?? '') ?? []),
      ]),
    ]
  }
}

function identityOf({ uid, occurrenceKey }: { uid: string; occurrenceKey: string }): string {
  return JSON.stringify([uid, occurrenceKey])
}

function startOf(roomKey: string, startsAt: Date): string {
  return `${Math.floor(startsAt.getTime() / MINUTE_MS)} ${roomKey}`
}

/** Whether an occurrence that is not being planned belongs to a meeting: then the meeting is not free to be taken or ended. */
export function isHeldElsewhere(meeting: StoredMeeting, planned: ReadonlySet<string>): boolean {
  return meeting.heldBy.some((id) => !planned.has(id))
}

function belongsTo(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  return group.some((occurrence) => occurrence.meetingId === meeting.id)
}

function hasIdentity(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  return group.some((o) => o.uid === meeting.uid && o.occurrenceKey === meeting.occurrenceKey)
}

function startsTogether(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  const said = speakingVariant(group.flatMap((occurrence) => occurrence.variants))
  return (
    said !== undefined &&
    said.roomKey === meeting.roomKey &&
    said.organizerEmail !== null &&
    said.organizerEmail === meeting.organizerEmail &&
    Math.abs(said.startsAt.getTime() - meeting.startsAt.getTime()) < MINUTE_MS
  )
}

/** Whether somebody sent a bot to the room while, or shortly before, the group's meeting takes place there. */
function takesPlaceWith(group: OccurrenceGroup, sent: StoredMeeting): boolean {
  const said = speakingVariant(group.flatMap((occurrence) => occurrence.variants))
  return (
    said !== undefined &&
    said.roomKey === sent.roomKey &&
    said.startsAt.getTime() - SOON_MS <= sent.startsAt.getTime() &&
    sent.startsAt < said.endsAt
  )
}

function olderFirst(a: StoredMeeting, b: StoredMeeting): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
}
