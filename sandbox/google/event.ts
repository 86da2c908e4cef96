/** A time as Google writes it: a day, or an instant with its zone. */
export interface EventTime {
  date?: string | undefined
  dateTime?: string | undefined
  timeZone?: string | undefined
}

export type ResponseStatus = 'needsAction' | 'declined' | 'tentative' | 'accepted'

export interface Attendee {
  email: string
  displayName?: string | undefined
  responseStatus?: ResponseStatus | undefined
  optional?: boolean | undefined
  /** A room or a thing. */
  resource?: boolean | undefined
  comment?: string | undefined
  organizer?: boolean | undefined
}

export interface Party {
  email: string
  displayName?: string | undefined
}

export type EventType = 'default' | 'birthday' | 'focusTime' | 'fromGmail' | 'outOfOffice' | 'workingLocation'

/** What an event says besides times and people; handed on as it came. */
export interface EventContent {
  summary?: string | undefined
  description?: string | undefined
  location?: string | undefined
  visibility?: 'default' | 'public' | 'private' | 'confidential' | undefined
  transparency?: 'opaque' | 'transparent' | undefined
  eventType?: EventType | undefined
  hangoutLink?: string | undefined
  conferenceData?: Record<string, unknown> | undefined
  guestsCanModify?: boolean | undefined
  guestsCanSeeOtherGuests?: boolean | undefined
  extendedProperties?: Record<string, unknown> | undefined
  colorId?: string | undefined
  [other: string]: unknown
}

/** What somebody writes into a calendar: an event resource of Calendar v3 without what Google adds. */
export interface EventInput extends EventContent {
  id?: string | undefined
  iCalUID?: string | undefined
  status?: 'confirmed' | 'tentative' | 'cancelled' | undefined
  start: EventTime
  end: EventTime
  recurrence?: string[] | undefined
  attendees?: Attendee[] | undefined
  sequence?: number | undefined
}

/** A day, or an instant in milliseconds with the zone it was entered in. */
export type When = { date: string } | { at: number; timeZone: string | undefined }

/** One event as it is kept. It is never changed, only replaced, so that all copies of an invitation can share it. */
export interface EventBody {
  id: string
  iCalUID: string
  status: 'confirmed' | 'tentative' | 'cancelled'
  createdAt: number
  updatedAt: number
  sequence: number
  organizer: Party
  creator: Party
  start: When
  end: When
  recurrence?: readonly string[] | undefined
  /** Of an exception: its series, and when it would have been. */
  recurringEventId?: string | undefined
  originalStart?: When | undefined
  attendees: readonly Attendee[]
  content: EventContent
  /** Of an exception: what differs from its series. */
  differences?: Differences | undefined
  /** Written instead of everything else: items that no calendar program makes, for tests. */
  planted?: Record<string, unknown> | undefined
}

/** What one occurrence has for itself. */
export interface Differences {
  status?: EventBody['status']
  start?: When
  end?: When
  attendees?: readonly Attendee[]
  content?: EventContent
}

/** True for whole days. */
export function isDay(when: When): when is { date: string } {
  return 'date' in when
}

/** The same address, however it is written. */
export function addressOf(email: string): string {
  return email.trim().toLowerCase()
}
