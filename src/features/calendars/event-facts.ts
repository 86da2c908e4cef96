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
  /** Whether the organiser's own calendar holds it as theirs. */
  isOrganizerCopy: boolean
  ownerEmail: string
  /** Whether it names its owner among its people; also where it names nobody but them. */
  namesOwner: boolean
  visibility: string
  kind: string
  tags: readonly string[]
  isCancelled: boolean
  /** It is in the calendar no more, and is kept because it had begun. */
  hasVanished: boolean
  ownResponse: ResponseStatus
  /** Since when this invitation is in this calendar: when we first saw it or, at the calendar's first reading, what the provider says. */
  knownAt: Date
  /** Since when it stands there in this room at this time, as something that is to take place. */
  placedAt: Date
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

type VariantFacts = Omit<EventFacts, 'variant' | 'knownAt' | 'placedAt'>

/**
 * The digest of what one copy says to the planner. Its people are part of it, so that any copy can speak for its variant; their answers
 * are not, since they differ from copy to copy.
 */
export function variantOf(facts: VariantFacts, attendees: readonly Attendee[]): string | null {
  if (facts.roomKey === null) return null
  const said = [
    facts.startsAt.getTime(),
    facts.endsAt.getTime(),
    facts.isAllDay,
    facts.title,
    facts.organizerEmail,
    facts.isOrganizerCopy,
    facts.namesOwner,
    facts.visibility,
    facts.kind,
    facts.tags,
    facts.meetingUrl,
    guestsSaid(attendees, facts)
      .map(({ email }) => email)
      .sort(),
  ]
  return createHash('md5').update(JSON.stringify(said)).digest('base64url')
}

/**
 * The people and groups a copy names besides its owner and the organiser, with these; none where it names no others. Where guests may
 * not see each other every copy names its own owner only, and a call of 5,000 must not become 5,000 variants by that.
 */
export function guestsSaid<A extends Pick<Attendee, 'email' | 'kind'>>(
  attendees: readonly A[],
  { ownerEmail, organizerEmail }: Pick<EventFacts, 'ownerEmail' | 'organizerEmail'>,
): A[] {
  const guests = attendees.filter(({ kind }) => kind !== 'room')
  return guests.every(({ email }) => email === ownerEmail || email === organizerEmail) ? [] : guests
}

/**
 * Whether a copy names its owner: equal copies that do are one circle. One that names nobody but its owner and the organiser counts as naming
 * them, so that a call whose guests are hidden stays one variant.
 */
export function namesOwner(
  attendees: readonly Pick<Attendee, 'email' | 'kind'>[],
  facts: Pick<EventFacts, 'ownerEmail' | 'organizerEmail'>,
): boolean {
  const guests = guestsSaid(attendees, facts)
  return (
    guests.length === 0 ||
    facts.organizerEmail === facts.ownerEmail ||
    guests.some(({ email }) => email === facts.ownerEmail)
  )
}
