import { createHash } from 'node:crypto'
import type { ResponseStatus } from './event.ts'

/** What the planner needs of one event. Two copies with equal facts are one variant of their occurrence. */
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
}

/** One event before and after a change; null where it did not or does not exist. */
export interface EventChange {
  before: EventFacts | null
  after: EventFacts | null
}

/** The digest of what one copy says to the planner; null for an event without a room. */
export function variantOf(facts: EventFacts): string | null {
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
  ]
  return createHash('md5').update(JSON.stringify(said)).digest('base64url')
}

/** Whether the event stands in the organiser's own calendar. */
export function isOrganizerCopy(facts: EventFacts): boolean {
  return facts.organizerEmail !== null && facts.organizerEmail === facts.ownerEmail
}
