import { compare } from '../../../base/compare.ts'
import type { RoomMeeting } from './room-meeting.ts'

interface Group {
  members: RoomMeeting[]
  isRanked: boolean
  isBrought: boolean
  sinceMs: number
  key: string
}

/**
 * Orders meetings that want a room at one instant by whose it is: first those whose organiser brought the room, then those known first; those
 * of one organiser count as one, and of them the one that began last comes first. What has no rank comes after all that has. Pure.
 */
export function rankMeetings(meetings: readonly RoomMeeting[], atMs: number): RoomMeeting[] {
  const groups = new Map<string, Group>()
  for (const meeting of meetings) {
    const { isRanked, isBrought } = meeting
    const key = groupKeyOf(meeting)
    const group = groups.get(key) ?? { members: [], isRanked, isBrought, sinceMs: Number.POSITIVE_INFINITY, key }
    group.members.push(meeting)
    group.sinceMs = Math.min(group.sinceMs, sinceMs(meeting, atMs))
    groups.set(key, group)
  }
  return [...groups.values()]
    .toSorted(
      (a, b) =>
        Number(b.isRanked) - Number(a.isRanked) ||
        Number(b.isBrought) - Number(a.isBrought) ||
        compare(a.sinceMs, b.sinceMs) ||
        compare(firstTie(a), firstTie(b)),
    )
    .flatMap(({ members }) =>
      members
        .map((meeting) => ({ meeting, sinceMs: sinceMs(meeting, atMs) }))
        .toSorted(lastFirst)
        .map(({ meeting }) => meeting),
    )
}

/** The same for meetings that count as one. */
export function groupKeyOf({ id, isRanked, organizer }: RoomMeeting): string {
  return `${isRanked} ${organizer === undefined ? `meeting ${id}` : `person ${organizer}`}`
}

interface Known {
  meeting: RoomMeeting
  sinceMs: number
}

/** Of meetings that count as one that which began last, then that known last. */
export function lastFirst(a: Known, b: Known): number {
  return (
    compare(b.meeting.startsMs, a.meeting.startsMs) ||
    compare(b.sinceMs, a.sinceMs) ||
    compare(a.meeting.tieKey, b.meeting.tieKey)
  )
}

/** Since when a meeting is known for an instant; one that is not known for it comes last. */
export function sinceMs({ standing }: RoomMeeting, atMs: number): number {
  return Math.min(...standing.filter(({ from, until }) => from <= atMs && atMs < until).map(({ since }) => since))
}

function firstTie({ members }: Group): string {
  return members.map(({ tieKey }) => tieKey).toSorted(compare)[0] as string
}
