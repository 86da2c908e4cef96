import { MINUTE_MS } from '../../base/time.ts'

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

/** A meeting that has less than this left is not joined any more. */
export const LEAST_LEFT_MS = 2 * MINUTE_MS

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
}
