import { createHash } from 'node:crypto'
import type { Attendee, ResponseStatus } from './event.ts'

/** What the planner needs of one event. */
export interface EventFacts {
  roomKey: string | null
  platform: string | null
  roomId: string | null
  meetingUrl: string | null
  uid: string
  occurrenceKey: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  title: string
  organizerEmail: string | null
  ownerEmail: string
  visibility: string
  kind: string
  isOptedOut: boolean
  isCancelled: boolean
  ownResponse: ResponseStatus
  /** Whether the calendar it stands in is connected. */
  isConnected: boolean
  /** Digest of what this copy says, see `variantOf`; null without a room. Copies that say the same are one variant of their occurrence. */
  variant: string | null
}

/** One event before and after a change; null where it did not or does not exist. */
export interface EventChange {
  before: EventFacts | null
  after: EventFacts | null
}

/**
 * The digest of what one copy says to the planner. Its people are part of it, so that any copy can speak for its variant; their answers
 * are not, since they differ from copy to copy.
 */
export function variantOf(facts: Omit<EventFacts, 'variant'>, attendees: readonly Attendee[]): string | null {
  if (facts.roomKey === null) return null
  const said = [
    facts.startsAt.getTime(),
    facts.endsAt.getTime(),
    facts.isAllDay,
    facts.title,
    facts.organizerEmail,
    isOrganizerCopy(facts),
    facts.visibility,
    facts.kind,
    facts.isOptedOut,
    facts.meetingUrl,
    attendees
      .filter(({ kind }) => kind === 'person')
      .map(({ email }) => email)
      .sort(),
  ]
  return createHash('md5').update(JSON.stringify(said)).digest('base64url')
}

/** Whether the event stands in the organiser's own calendar. */
export function isOrganizerCopy(facts: Pick<EventFacts, 'organizerEmail' | 'ownerEmail'>): boolean {
  return facts.organizerEmail !== null && facts.organizerEmail === facts.ownerEmail
}
