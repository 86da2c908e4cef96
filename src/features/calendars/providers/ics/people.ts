import { cleanLine, normaliseEmail } from '../../../../base/text.ts'
import type { Attendee, ResponseStatus } from '../../event.ts'
import type { Component } from './component.ts'
import type { Property } from './property.ts'

const RESPONSES: Readonly<Record<string, ResponseStatus>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'tentative',
  // Somebody else comes instead, who is in the list too.
  DELEGATED: 'declined',
}

const KINDS: Readonly<Record<string, Attendee['kind']>> = { ROOM: 'room', RESOURCE: 'room', GROUP: 'group' }

interface People {
  organizerEmail: string | null
  organizerName: string | null
  attendees: Attendee[]
  ownResponse: ResponseStatus
}

/** Who organises, who is invited, and what the calendar's owner answered. */
export function readPeople(component: Component, ownerEmail: string): People {
  const organizer = component.first('ORGANIZER')
  const organizerEmail = (organizer && readEmail(organizer)) ?? null
  const owner = normaliseEmail(ownerEmail) ?? ''
  const attendees = new Map<string, Attendee>()
  for (const property of component.all('ATTENDEE')) {
    const attendee = readAttendee(property)
    if (attendee !== undefined && !attendees.has(attendee.email)) attendees.set(attendee.email, attendee)
  }
  const own = attendees.get(owner)
  return {
    organizerEmail,
    organizerName: organizer ? readName(organizer) : null,
    attendees: [...attendees.values()],
    ownResponse: ownResponse(own, organizerEmail !== null && organizerEmail === owner),
  }
}

/** Who organises a meeting attends it, unless they say otherwise; Outlook leaves the organiser's own answer open. */
function ownResponse(own: Attendee | undefined, isOrganizer: boolean): ResponseStatus {
  if (isOrganizer && (own === undefined || own.response === 'needs_action')) return 'accepted'
  return own?.response ?? 'none'
}

function readAttendee(property: Property): Attendee | undefined {
  const email = readEmail(property)
  if (email === undefined) return undefined
  return {
    email,
    name: readName(property),
    response: RESPONSES[property.params.get('partstat')?.toUpperCase() ?? ''] ?? 'needs_action',
    kind: KINDS[property.params.get('cutype')?.toUpperCase() ?? ''] ?? 'person',
  }
}

/** The address, or the EMAIL parameter of makers whose address is an internal one. */
function readEmail(property: Property): string | undefined {
  return normaliseEmail(property.values[0] ?? '') ?? normaliseEmail(property.params.get('email') ?? '')
}

function readName(property: Property): string | null {
  return cleanLine(property.params.get('cn') ?? '', 200) || null
}
