/** A span of instants, and since when a meeting is known for them without a break. In milliseconds since 1970. */
export interface Standing {
  from: number
  until: number
  since: number
}

/** A meeting of a room, as far as it says whose words are whose there. */
export interface RoomMeeting {
  id: string
  /** Decides between meetings of one rank. */
  tieKey: string
  startsMs: number
  endsMs: number
  /** All-day events, and what default rules leave out as no meeting, have no rank. */
  isRanked: boolean
  /** It says no for itself: nothing of it is attended. */
  saysNo: boolean
  isAcceptedByOthers: boolean
  standing: readonly Standing[]
  /** The person who organises it, where that is proven. */
  organizer: string | undefined
  /** The proven organiser brought the room. */
  isBrought: boolean
  /** Its owner brought the room and said yes to it: the proven organiser, else whose copy is the first circle's first. */
  isOwnersRoom: boolean
  /** Of the people recognised in the room, and of the organisers of its other meetings: whom it invites, and who of them are its own people. */
  invited: ReadonlySet<string>
  own: ReadonlySet<string>
}

/** A no that silences the room; one that nobody but its owner accepted does so only in a room that its owner brought. */
export function isStrongNo(meeting: RoomMeeting): boolean {
  return meeting.saysNo && (meeting.isAcceptedByOthers || meeting.isOwnersRoom)
}
