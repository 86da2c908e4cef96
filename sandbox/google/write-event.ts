import type { Calendar, Role } from './calendar.ts'
import type { Doubts } from './doubts.ts'
import { type Attendee, addressOf, type EventBody, type Party } from './event.ts'
import type { Row } from './occurrences.ts'
import { writeTime } from './when.ts'

export interface View {
  calendar: Calendar
  role: Role
  doubts: Doubts
  /** Zone of the offsets; the calendar's where none was asked for. */
  timeZone: string
  maxAttendees: number | undefined
}

type Json = Record<string, unknown>

/** An event as Google writes it for somebody who looks at a calendar. */
export function writeEvent({ body, form }: Row, view: View): Json {
  const head = { kind: 'calendar#event', etag: etagOf(body), id: body.id }
  if (body.planted) return { ...head, ...body.planted }
  if (form === 'gone') return { ...head, status: 'cancelled' }
  const isNamed = form === 'full' || view.doubts.cancelledInstancesNameSeries
  const link = isNamed ? linkOf(body, view) : {}
  if (form === 'gone_instance') return { ...head, status: 'cancelled', ...link }
  const times = {
    status: body.status,
    iCalUID: body.iCalUID,
    created: new Date(body.createdAt).toISOString(),
    updated: new Date(body.updatedAt).toISOString(),
    start: writeTime(body.start, view.timeZone),
    end: writeTime(body.end, view.timeZone),
    ...(body.recurrence ? { recurrence: body.recurrence } : {}),
    ...link,
  }
  const { eventType = 'default', ...content } = body.content
  if (isHidden(body, view.role)) return { ...head, ...times, visibility: 'private', eventType }
  return {
    ...head,
    htmlLink: `https://www.google.com/calendar/event?eid=${body.id}`,
    ...times,
    creator: partyOf(body.creator, view.calendar),
    organizer: partyOf(body.organizer, view.calendar),
    sequence: body.sequence,
    ...attendeesOf(body, view),
    ...content,
    eventType,
  }
}

/** Differs as soon as the event does. */
function etagOf({ updatedAt }: EventBody): string {
  return `"${updatedAt * 2}"`
}

function isHidden({ content }: EventBody, role: Role): boolean {
  const isPrivate = content.visibility === 'private' || content.visibility === 'confidential'
  return role === 'freeBusyReader' || (isPrivate && (role === 'reader' || role === 'writerWithoutPrivateAccess'))
}

function linkOf({ recurringEventId, originalStart }: EventBody, { timeZone }: View): Json {
  if (recurringEventId === undefined || originalStart === undefined) return {}
  return { recurringEventId, originalStartTime: writeTime(originalStart, timeZone) }
}

function partyOf(party: Party, { addresses }: Calendar): Json {
  return { ...party, ...(addresses.has(addressOf(party.email)) ? { self: true } : {}) }
}

function attendeesOf({ attendees, organizer }: EventBody, { calendar, maxAttendees }: View): Json {
  if (attendees.length === 0) return {}
  const write = (attendee: Attendee) => ({
    ...attendee,
    ...(addressOf(attendee.email) === addressOf(organizer.email) ? { organizer: true } : {}),
    ...(calendar.addresses.has(addressOf(attendee.email)) ? { self: true } : {}),
  })
  if (maxAttendees === undefined || attendees.length <= maxAttendees) return { attendees: attendees.map(write) }
  const own = attendees.filter((attendee) => calendar.addresses.has(addressOf(attendee.email)))
  return { attendees: own.map(write), attendeesOmitted: true }
}
