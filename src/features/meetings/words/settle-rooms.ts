import { isUnplanned, type Meeting, type OwnVerdict } from '../meeting.ts'
import { judgeRoom, type Stretch } from './judge-room.ts'
import type { RoomMeeting } from './room-meeting.ts'

/** What is known of a room besides its meetings. */
export interface Room {
  roomKey: string
  /** The address of the colleague who brought it. */
  broughtBy: string | null
  isClosed: boolean
  /** Where it is closed: the meetings to which it is open still, as some of their own people were invited there by who brought it. */
  openTo: ReadonlySet<string>
}

/**
 * Decides between meetings that want one room at one time, as far as their times and ranks tell: one that has the room in no part of its time is
 * not attended, one that has it later gets its bot later. Of `neighbours` those that come out otherwise than stored are answered besides
 * all that were planned. What held its room in fact, or is over, stays as it is; unless it is moved to a time that has not come. Pure.
 */
export function settleRooms(
  planned: readonly Meeting[],
  neighbours: readonly Meeting[],
  rooms: ReadonlyMap<string, Room>,
  now: Date,
): Meeting[] {
  const ids = new Set(planned.map(({ id }) => id))
  const all = [...planned, ...neighbours.filter(({ id }) => !ids.has(id))]
  const settled = [...Map.groupBy(all, ({ roomKey }) => roomKey)].flatMap(([roomKey, meetings]) =>
    settleRoom(meetings, rooms.get(roomKey), now),
  )
  const before = new Map(all.map((meeting) => [meeting.id, meeting]))
  return settled.filter((meeting) => ids.has(meeting.id) || isOther(meeting, before.get(meeting.id)))
}

function settleRoom(meetings: readonly Meeting[], room: Room | undefined, now: Date): Meeting[] {
  const open = meetings.filter((meeting) => !isShutOut(meeting, room))
  const stretches = judgeRoom(
    open.filter(wantsRoom).map((meeting) => toRoomMeeting(meeting, room)),
    now.getTime(),
  )
  const wanting = open.filter((meeting) => wantsRoom(meeting) && meeting.isRanked)
  return meetings.map((known) => {
    const meeting = { ...known, hasRival: wanting.some((other) => isRival(known, other)) }
    if (meeting.endsAt <= now) return known
    // It waits for no other's end any more, whatever it did when it wanted the room.
    if (!wantsRoom(meeting)) return { ...known, seatFrom: null }
    if (meeting.heldAt !== null && meeting.startsAt <= now) return meeting
    const verdict = ownVerdictOf(meeting)
    const stretch = stretches.get(meeting.id)
    if (verdict.decision === 'skip' || stretch)
      return { ...meeting, ...verdict, seatFrom: stretch ? seatFromOf(meeting, stretch) : null }
    const reason = isShutOut(meeting, room) ? 'room_closed' : 'another_meeting_held'
    const { supporting, copies } = verdict.reasonDetail
    return { ...meeting, decision: 'skip', reason, reasonDetail: { supporting, copies }, seatFrom: null }
  })
}

/** Of a meeting, what its rank in a room depends on. */
export type RankedMeeting = Pick<
  Meeting,
  | 'id'
  | 'uid'
  | 'occurrenceKey'
  | 'startsAt'
  | 'endsAt'
  | 'isRanked'
  | 'saysNo'
  | 'isAcceptedByOthers'
  | 'isAcceptedByOwner'
  | 'standing'
  | 'provenOrganizer'
  | 'circle'
>

/** Whether two meetings want one room at one time, and no one organiser is known to have planned both. */
function isRival(meeting: Meeting, other: Meeting): boolean {
  if (meeting.id === other.id || !meeting.isRanked || !wantsRoom(meeting)) return false
  if (meeting.provenOrganizer !== null && meeting.provenOrganizer === other.provenOrganizer) return false
  return meeting.startsAt < other.endsAt && other.startsAt < meeting.endsAt
}

/** A meeting as the rules of its room see it, as long as nobody is in the room. */
export function toRoomMeeting(meeting: RankedMeeting, room: Pick<Room, 'broughtBy'> | undefined): RoomMeeting {
  const { provenOrganizer, circle } = meeting
  const broughtBy = room?.broughtBy ?? undefined
  const owner = provenOrganizer ?? circle[0]
  return {
    // In the order of their names, so that a tie is decided alike whatever the ids.
    id: meeting.id,
    tieKey: JSON.stringify([meeting.uid, meeting.occurrenceKey]),
    startsMs: meeting.startsAt.getTime(),
    endsMs: meeting.endsAt.getTime(),
    isRanked: meeting.isRanked,
    saysNo: meeting.saysNo,
    isAcceptedByOthers: meeting.isAcceptedByOthers,
    standing: meeting.standing,
    organizer: provenOrganizer ?? undefined,
    isBrought: provenOrganizer !== null && provenOrganizer === broughtBy,
    isOwnersRoom: owner !== undefined && owner === broughtBy && meeting.isAcceptedByOwner,
    invited: new Set(),
    own: new Set(),
  }
}

/** Whether a meeting is to take place at all, so that it wants its room. */
function wantsRoom(meeting: Meeting): boolean {
  if (isUnplanned(meeting)) return ownVerdictOf(meeting).decision !== 'skip'
  return meeting.supporting > 0
}

function ownVerdictOf({ ownVerdict, decision, reason, reasonDetail }: Meeting): OwnVerdict {
  return ownVerdict ?? { decision, reason, reasonDetail }
}

/** A room that its owner closed is for those whom they invited there, and for meetings of several people who were. */
function isShutOut(meeting: Meeting, room: Room | undefined): boolean {
  if (!room?.isClosed || meeting.provenOrganizer === room.broughtBy) return false
  return !meeting.isAcceptedByOthers || !room.openTo.has(meeting.id)
}

function seatFromOf(meeting: Meeting, { fromMs }: Stretch): Date | null {
  return fromMs > meeting.startsAt.getTime() ? new Date(fromMs) : null
}

function isOther(meeting: Meeting, before: Meeting | undefined): boolean {
  return (
    meeting.decision !== before?.decision ||
    meeting.reason !== before.reason ||
    meeting.seatFrom?.getTime() !== before.seatFrom?.getTime() ||
    meeting.hasRival !== before.hasRival
  )
}
