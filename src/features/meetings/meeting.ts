import { MINUTE_MS } from '../../base/time.ts'
import type { Standing } from './words/room-meeting.ts'

/** What is to happen with a meeting. `observe`: it would be attended if attendance were on; `no_runner`: if there were a way to join its platform. */
export type Decision = 'attend' | 'observe' | 'no_runner' | 'skip'

/** Why. `wanted` and `sent_by_person` go with attend, observe and no_runner, `rule` with any decision, the others with skip. */
export const reasons = [
  'wanted',
  'sent_by_person',
  'stopped_by_person',
  'rule',
  'person_opted_out',
  'all_day',
  'out_of_office',
  'focus_time',
  'working_location',
  'birthday',
  'private',
  'confidential',
  'opted_out',
  'cancelled',
  'all_declined',
  'no_connected_calendar',
  'gone',
  'merged',
  'already_over',
  'another_meeting_held',
  'room_closed',
] as const
export type Reason = (typeof reasons)[number]

/** What led to a decision, or to a bot: a calendar that changed, a person's word, changed rules, the switch, or the safety net. */
export type Origin = 'calendar' | 'person' | 'rules' | 'attendance' | 'sweep'

/** What the sentence of a reason needs. */
export interface ReasonDetail {
  /** Copies that support the meeting, and all there are. */
  supporting: number
  copies: number
  /** For `merged`: the meeting it is now part of. */
  mergedInto?: string
  /** For `rule`: its name. */
  rule?: string
  /** For `opted_out`: the word that the invitation says. */
  word?: string
  /** For `person_opted_out`: who is never recorded. */
  person?: string
}

/** A meeting that begins this soon is the one a person means when they send a bot to its room. */
export const SOON_MS = 15 * MINUTE_MS

/** UID of a meeting that stands in no calendar: somebody sent a bot to a bare link. */
export function unplannedUid(meetingId: string): string {
  return `sent-${meetingId}`
}

/** Whether a meeting stands in no calendar and never did. */
export function isUnplanned({ id, uid }: Pick<Meeting, 'id' | 'uid'>): boolean {
  return uid === unplannedUid(id)
}

/** One invitation at one time in one room, as stored. */
export interface Meeting {
  id: string
  platform: string
  roomId: string
  roomKey: string
  meetingUrl: string
  /** Identity: the UID and occurrence key it was first known by. */
  uid: string
  occurrenceKey: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  title: string
  isPrivate: boolean
  organizerEmail: string | null
  attendeeCount: number
  copies: number
  supporting: number
  decision: Decision
  reason: Reason
  reasonDetail: ReasonDetail
  /** What a person wants for this meeting; it wins over the plan. Null with a time: since when it goes as planned again. */
  wish: 'attend' | 'none' | null
  wishAt: Date | null
  wishBy: string | null
  /** Whose own calendar holds the invitation as theirs, or held it last; null where nobody's here ever did. */
  provenOrganizer: string | null
  /** Where nobody is proven: people of the first circle, the owner of its first copy first. Empty on rows of before this was known. */
  circle: readonly string[]
  /** Whether it takes rank among the meetings of its room: what is no meeting by the default rules does not. */
  isRanked: boolean
  /** Whether its own people, a rule or a person said no to recording it. */
  saysNo: boolean
  /** Whether somebody besides its owner accepted it. */
  isAcceptedByOthers: boolean
  /** Whether its owner did: of mail that nobody answered its no is nobody's. */
  isAcceptedByOwner: boolean
  /** Since when it is known for which of its instants; empty while it takes no part in the room's ranks. */
  standing: readonly Standing[]
  /** What was decided of it by itself, before the other meetings of its room were looked at; null for what never was planned so. */
  ownVerdict: OwnVerdict | null
  /** When its bot is to have the room, where that is later than its start. */
  seatFrom: Date | null
  /** Whether a meeting of somebody else wants its room at the same time. */
  hasRival: boolean
  /** When it first held its room in fact; attendance writes it. */
  heldAt: Date | null
}

/** A decision with its reason. */
export interface OwnVerdict {
  decision: Decision
  reason: Reason
  reasonDetail: ReasonDetail
}

/** What a meeting has that no calendar speaks of and that never held its room. */
export const unheld = {
  provenOrganizer: null,
  circle: [],
  isRanked: true,
  saysNo: false,
  isAcceptedByOthers: false,
  isAcceptedByOwner: true,
  standing: [],
  ownVerdict: null,
  seatFrom: null,
  hasRival: false,
  heldAt: null,
} as const satisfies Partial<Meeting>
