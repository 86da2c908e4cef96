import { MINUTE_MS } from '../../base/time.ts'
import { type Occurrence, type OccurrenceGroup, speakingVariant } from './identity.ts'
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
 * start whose proven organiser is the same (a series split, an invitation made anew), last one that the same organiser sent a bot to while
 * the group's takes place there. Each meeting goes to one group at most, and to none that is somebody else's: what was said in it has readers.
 *
 * Of several groups those go first that live: what was called off leaves its meeting to an invitation made anew. `unsaid` are planned occurrences
 * of which nobody speaks any more.
 *
 * A new link reaches the calendars one after the other: where no organiser's copy says it for all, the first copy to have it makes a meeting of
 * its own. When the last copy has followed, the meeting from before takes its place back, unless the other one is about to begin.
 */
export function matchMeetings(
  groups: readonly OccurrenceGroup[],
  stored: readonly StoredMeeting[],
  now: Date,
  unsaid: readonly Occurrence[] = [],
): Map<OccurrenceGroup, StoredMeeting> {
  const matches = new Map<OccurrenceGroup, StoredMeeting>()
  const free = new Map(stored.map((meeting) => [meeting.id, meeting]))
  const planned = new Set([...groups.flat(), ...unsaid].map(occurrenceId))
  const [alive, dead] = [groups.filter(isAlive), groups.filter((group) => !isAlive(group))]
  const mayMatch = createLookup(stored)
  const isOwnByName = (group: OccurrenceGroup, meeting: StoredMeeting) =>
    belongsTo(group, meeting) && hasIdentity(group, meeting)
  const takeOver = (
    some: readonly OccurrenceGroup[],
    isMatch: (group: OccurrenceGroup, meeting: StoredMeeting) => boolean,
  ) => {
    for (const group of some) {
      if (matches.has(group)) continue
      const match = mayMatch(group)
        .filter((meeting) => free.has(meeting.id) && isMatch(group, meeting) && isTheirs(group, meeting))
        .toSorted(olderFirst)[0]
      if (!match) continue
      matches.set(group, match)
      free.delete(match.id)
    }
  }
  for (const some of [alive, dead]) {
    takeOver(some, isOwnByName)
    takeOver(some, belongsTo)
  }
  // What some group's occurrences still belong to is theirs; from here on only what lies idle may be taken.
  for (const group of groups) for (const o of group) if (o.meetingId) free.delete(o.meetingId)
  const isIdle = (meeting: StoredMeeting) => !isHeldElsewhere(meeting, planned)
  takeOver([...alive, ...dead], (group, meeting) => isIdle(meeting) && hasIdentity(group, meeting))
  takeOver([...alive, ...dead], (group, meeting) => isIdle(meeting) && startsTogether(group, meeting))
  takeOver(alive, (group, sent) => isUnplanned(sent) && sent.endsAt > now && takesPlaceWith(group, sent))
  for (const [group, heir] of matches) {
    if (heir.startsAt.getTime() - now.getTime() < TOO_LATE_TO_SWAP_MS) continue
    const older = mayMatch(group)
      .filter((meeting) => free.has(meeting.id) && hasIdentity(group, meeting) && !isHeldElsewhere(meeting, planned))
      .filter((meeting) => isTheirs(group, meeting))
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
  const byId = Map.groupBy(stored, ({ id }) => id)
  const byIdentity = Map.groupBy(stored, identityOf)
  const byStart = Map.groupBy(stored, (meeting) => startOf(meeting, meeting.startsAt, meeting.provenOrganizer))
  const sentTo = Map.groupBy(stored.filter(isUnplanned), ({ roomKey }) => roomKey)
  const find = (group: OccurrenceGroup) => {
    const said = speakingVariant(group)
    const organizers = new Set(group.map(({ authority }) => authority.provenOrganizer))
    const starts = [-MINUTE_MS, 0, MINUTE_MS].flatMap((ms) =>
      [...organizers].map((one) => said && startOf(said, new Date(said.startsAt.getTime() + ms), one)),
    )
    return [
      ...new Set([
        ...group.flatMap((o) => byId.get(o.meetingId ?? '') ?? []),
        ...group.flatMap((o) => byIdentity.get(identityOf(o)) ?? []),
        ...starts.flatMap((start) => (start ? byStart.get(start) : undefined) ?? []),
        ...(sentTo.get(said?.roomKey ?? '') ?? []),
      ]),
    ]
  }
  const found = new Map<OccurrenceGroup, StoredMeeting[]>()
  return (group) => {
    const meetings = found.get(group) ?? find(group)
    found.set(group, meetings)
    return meetings
  }
}

function identityOf({ uid, occurrenceKey }: { uid: string; occurrenceKey: string }): string {
  return JSON.stringify([uid, occurrenceKey])
}

/** Only those of one organiser go on as each other by their start; nobody is none. */
function startOf({ roomKey }: { roomKey: string }, startsAt: Date, organizer: string | null): string {
  return organizer === null ? '' : JSON.stringify([Math.floor(startsAt.getTime() / MINUTE_MS), roomKey, organizer])
}

/** Whether an occurrence that is not being planned belongs to a meeting: then the meeting is not free to be taken or ended. */
export function isHeldElsewhere(meeting: StoredMeeting, planned: ReadonlySet<string>): boolean {
  return meeting.heldBy.some((id) => !planned.has(id))
}

function isAlive(group: OccurrenceGroup): boolean {
  return group.some(({ variants }) => variants.some(({ supporting }) => supporting > 0))
}

function belongsTo(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  return group.some((occurrence) => occurrence.meetingId === meeting.id)
}

function hasIdentity(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  return group.some((o) => o.uid === meeting.uid && o.occurrenceKey === meeting.occurrenceKey)
}

/**
 * Whether those who have a say in a group had it in a stored meeting: the same proven organiser, one whom the first circle named before their own
 * calendar was known, or a circle whose first calendar was invited before. A bot that somebody sent makes a meeting of that person's alone.
 */
function isTheirs(group: readonly Pick<Occurrence, 'authority'>[], stored: StoredMeeting): boolean {
  return group.some(({ authority: { provenOrganizer, circle } }) => {
    if (isUnplanned(stored)) return provenOrganizer !== null && provenOrganizer === stored.wishBy
    // Of what was planned before that was known nobody was excluded.
    if (stored.provenOrganizer === null && stored.circle.length === 0) return true
    if (stored.provenOrganizer !== null) return provenOrganizer === stored.provenOrganizer
    if (provenOrganizer !== null)
      return provenOrganizer === stored.organizerEmail || stored.circle.includes(provenOrganizer)
    const [first] = circle
    return first !== undefined && stored.circle.includes(first)
  })
}

function startsTogether(group: OccurrenceGroup, meeting: StoredMeeting): boolean {
  const said = speakingVariant(group)
  return (
    said !== undefined &&
    said.roomKey === meeting.roomKey &&
    meeting.provenOrganizer !== null &&
    group.some(({ authority }) => authority.provenOrganizer === meeting.provenOrganizer) &&
    Math.abs(said.startsAt.getTime() - meeting.startsAt.getTime()) < MINUTE_MS
  )
}

/** Whether somebody sent a bot to the room while, or shortly before, the group's meeting takes place there. */
function takesPlaceWith(group: OccurrenceGroup, sent: StoredMeeting): boolean {
  const said = speakingVariant(group)
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
