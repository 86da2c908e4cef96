import { newId } from '../src/base/ids.ts'
import { HOUR_MS } from '../src/base/time.ts'
import { type Person, personOf } from './organisation.ts'

/** Entries that are no meetings. */
export type SpecialKind = 'out_of_office' | 'focus_time' | 'working_location' | 'birthday'

export type Answer = 'needs_action' | 'accepted' | 'declined' | 'tentative'

export interface Invitee extends Person {
  answer: Answer
  /** A room is listed like a person, and is none. */
  kind: 'person' | 'room'
}

/** From one instant to another. */
export interface Timed {
  startsAt: Date
  endsAt: Date
  /** IANA name of the zone in which it was entered. */
  timeZone: string
  /** What the feed calls that zone where it is not the IANA name, such as `W. Europe Standard Time`; it is then not defined there either. */
  zoneName?: string
}

/** Whole days (YYYY-MM-DD), the last included. */
export interface WholeDays {
  firstOn: string
  lastOn: string
}

export interface Times {
  startsAt: Date
  endsAt: Date
}

/** One occurrence of a series that differs: other times, or `cancelled`. */
export interface OccurrenceChange {
  originalStartsAt: Date
  to: Times | 'cancelled'
}

interface Series {
  /** RRULE without its end. */
  rule: string
  changes: readonly OccurrenceChange[]
  /** Set where only the next hours are written, anew each hour: without it a short interval would fill a plan with thousands. */
  writtenAheadMs?: number
}

/** Fields of the provider's own in which a link may stand. */
export interface Conference {
  property: 'CONFERENCE' | 'X-GOOGLE-CONFERENCE' | 'X-MICROSOFT-SKYPETEAMSMEETINGURL'
  url: string
}

/** What an invitation says besides time and people. */
export interface InvitationTexts {
  title: string
  location?: string
  /** Plain text or HTML. */
  description?: string
  conference?: Conference
  visibility?: 'private' | 'confidential'
  /** Absent for a meeting. */
  kind?: SpecialKind
  /** Written with a start that nobody can read. */
  isDamaged?: boolean
}

export interface Invitation extends InvitationTexts {
  uid: string
  /** Rises with each change of the organiser's, not with answers. */
  sequence: number
  changedAt: Date
  organizer: Person
  /** With the organiser; empty for an entry of one person alone. */
  invitees: readonly Invitee[]
  when: Timed | WholeDays
  series?: Series
  isCancelled: boolean
  /** Who deleted the copy in their own calendar. */
  deletedBy: ReadonlySet<string>
}

/** What somebody enters to invite others. */
export interface InvitationDraft extends InvitationTexts {
  uid?: string
  when: Timed | WholeDays
  series?: Series
  /** Besides the organiser. An address alone has not answered yet. */
  invitees?: readonly (string | Invitee)[]
  isCancelled?: boolean
}

/** The invitation that this person makes of a draft. */
export function createInvitation(organizer: Person, draft: InvitationDraft, now: Date): Invitation {
  const { invitees = [], ...rest } = draft
  const others = invitees.map((invitee) => (typeof invitee === 'string' ? invite(invitee, 'needs_action') : invitee))
  return {
    uid: `${newId()}@example.com`,
    isCancelled: false,
    ...rest,
    sequence: 0,
    changedAt: now,
    organizer,
    invitees: others.length === 0 ? [] : [invite(organizer.email, 'accepted'), ...others],
    deletedBy: new Set(),
  }
}

/** An invitee by address, with an answer. */
export function invite(email: string, answer: Answer = 'accepted'): Invitee {
  return { ...personOf(email), answer, kind: 'person' }
}

/** Whether it stands in this person's calendar. */
export function isInCalendarOf(invitation: Invitation, email: string): boolean {
  const isTheirs =
    invitation.organizer.email === email || invitation.invitees.some((invitee) => invitee.email === email)
  return isTheirs && !invitation.deletedBy.has(email)
}

/** True for whole days, which have no hour. */
export function isWholeDays(when: Timed | WholeDays): when is WholeDays {
  return 'firstOn' in when
}

/** The last instant at which an occurrence of the series is written, as of now; undefined where it is written without end. */
export function writtenUntil({ when, series }: Invitation, now: Date): Date | undefined {
  if (series?.writtenAheadMs === undefined || isWholeDays(when)) return undefined
  const start = when.startsAt.getTime()
  const hours = Math.max(0, Math.ceil((now.getTime() - start) / HOUR_MS))
  return new Date(start + hours * HOUR_MS + series.writtenAheadMs)
}
