/** How a person answered an invitation. `none`: the provider does not say, or there is nobody to ask. */
export type ResponseStatus = 'accepted' | 'declined' | 'tentative' | 'needs_action' | 'none'

/** What kind of entry it is; only `default` is a meeting. */
export type EventKind = 'default' | 'out_of_office' | 'focus_time' | 'working_location' | 'birthday'

export type Visibility = 'default' | 'public' | 'private' | 'confidential'

export interface Attendee {
  /** Lower case, without `mailto:`. */
  email: string
  name: string | null
  response: ResponseStatus
  /** A person can be counted and mailed; a room, a resource or a group cannot. */
  kind: 'person' | 'room' | 'group'
}

/** The texts of an event in which a meeting link may stand, in the order in which they are trusted. */
export interface LinkTexts {
  /** Conference fields of the provider: structured, and trusted most. */
  conferenceUrls: readonly string[]
  /** The passcode that the provider names beside the conference's links, as people type it. */
  conferencePasscode?: string
  location: string
  /** Plain text or HTML, as the provider gave it. */
  description: string
  title: string
}

/** Where a meeting takes place. `platform` + `roomId` identify the room; `url` is the one link by which we enter it. */
export interface RoomLink {
  platform: string
  roomId: string
  url: string
}

/** One occurrence in one calendar, as that person sees it and as a provider reports it. */
export interface SourceEvent {
  /** iCalendar UID, shared by every copy and every occurrence of the invitation. */
  uid: string
  /** The original start of an instance of a series: an instant (`2026-11-23T09:00:00Z`) or, all-day, its date; empty for a single event. */
  occurrenceKey: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  /** IANA zone in which the event was written; null where it has none. */
  timeZone: string | null
  title: string
  organizerEmail: string | null
  organizerName: string | null
  /**
   * Whether the organiser's own calendar holds this as theirs, where the provider says so (a private copy of somebody's invitation is nobody's).
   * Left out: told by the organiser's address.
   */
  isOrganizerCopy?: boolean
  /** When the provider says it was first entered; left out where it does not say. */
  createdAt?: Date
  attendees: readonly Attendee[]
  /** The answer of the calendar's owner. */
  ownResponse: ResponseStatus
  isCancelled: boolean
  visibility: Visibility
  kind: EventKind
  linkTexts: LinkTexts
}

/** Something in a calendar that could not be used, or only with a guess. Shown on the calendar's page; the rest of the calendar goes on. */
export interface SourceProblem {
  /** Stable, such as `rrule_invalid`. */
  code: string
  /** A sentence for a person: what is wrong and what was done about it. */
  message: string
  /** UID and title of the item, where known; of one that does not say its UID, what the provider calls it. */
  uid: string | null
  title: string | null
  /** What could not be understood, as it came. */
  raw?: string | null
}
