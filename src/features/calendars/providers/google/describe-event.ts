import { cleanLine, normaliseEmail } from '../../../../base/text.ts'
import type { Attendee, EventKind, LinkTexts, ResponseStatus, SourceEvent, Visibility } from '../../event.ts'
import type { EventResource } from './event-resource.ts'

const MAX_URL_LENGTH = 4_000
const MAX_URLS = 20

const RESPONSES: Readonly<Record<string, ResponseStatus>> = {
  accepted: 'accepted',
  declined: 'declined',
  tentative: 'tentative',
  needsAction: 'needs_action',
}

const KINDS: Readonly<Record<string, EventKind>> = {
  outOfOffice: 'out_of_office',
  focusTime: 'focus_time',
  workingLocation: 'working_location',
  birthday: 'birthday',
}

const VISIBILITIES: Readonly<Record<string, Visibility>> = {
  public: 'public',
  private: 'private',
  confidential: 'confidential',
}

/** What an event says besides its times. */
type Description = Pick<
  SourceEvent,
  | 'title'
  | 'organizerEmail'
  | 'organizerName'
  | 'isOrganizerCopy'
  | 'createdAt'
  | 'attendees'
  | 'ownResponse'
  | 'visibility'
  | 'kind'
  | 'linkTexts'
>

export function describeEvent(event: EventResource): Description {
  const { organizer } = event
  const attendees = readAttendees(event)
  const createdAt = new Date(event.created ?? '')
  const own = event.attendees?.find(({ self }) => self === true)
  const linkTexts = readLinkTexts(event)
  return {
    title: linkTexts.title,
    organizerEmail: normaliseEmail(organizer?.email ?? '') ?? null,
    organizerName: cleanLine(organizer?.displayName ?? '', 200) || null,
    isOrganizerCopy: organizer?.self === true && event.privateCopy !== true,
    ...(Number.isNaN(createdAt.getTime()) ? {} : { createdAt }),
    attendees,
    ownResponse: ownResponseOf(RESPONSES[own?.responseStatus ?? ''], organizer?.self === true),
    visibility: VISIBILITIES[event.visibility ?? ''] ?? 'default',
    kind: KINDS[event.eventType ?? ''] ?? 'default',
    linkTexts,
  }
}

/** Who organises a meeting attends it, unless they say otherwise; who is not in the list has not declined. */
function ownResponseOf(said: ResponseStatus | undefined, isOrganizer: boolean): ResponseStatus {
  if (isOrganizer && (said === undefined || said === 'needs_action')) return 'accepted'
  return said ?? 'none'
}

function readAttendees(event: EventResource): Attendee[] {
  const attendees = new Map<string, Attendee>()
  for (const { email: given = '', displayName, responseStatus = '', resource } of event.attendees ?? []) {
    const email = normaliseEmail(given)
    if (email === undefined || attendees.has(email)) continue
    attendees.set(email, {
      email,
      name: cleanLine(displayName ?? '', 200) || null,
      response: RESPONSES[responseStatus] ?? 'needs_action',
      kind: kindOf(email, resource === true),
    })
  }
  return [...attendees.values()]
}

/** Google's calendars that are nobody's own have addresses of these forms (calendar API guide, 2026-09). */
function kindOf(email: string, isResource: boolean): Attendee['kind'] {
  if (isResource || email.endsWith('@resource.calendar.google.com')) return 'room'
  return email.endsWith('@group.calendar.google.com') ? 'group' : 'person'
}

/** Links in the order in which they are trusted: the conference's, the one that Google shows, then the texts. */
function readLinkTexts({ conferenceData, hangoutLink, summary, location, description }: EventResource): LinkTexts {
  const entries = conferenceData?.entryPoints ?? []
  const videos = entries.filter(({ entryPointType }) => entryPointType === 'video')
  const passcode = videos
    .map((entry) => cleanLine(entry.passcode ?? entry.password ?? '', 40))
    .find((text) => text !== '')
  const urls = [...videos.map(({ uri }) => uri ?? ''), hangoutLink ?? ''].map(readUrl).filter((url) => url !== '')
  return {
    conferenceUrls: [...new Set(urls)].slice(0, MAX_URLS),
    ...(passcode === undefined ? {} : { conferencePasscode: passcode }),
    location: cleanLine(location ?? '', 2_000),
    description: description ?? '',
    title: cleanLine(summary ?? ''),
  }
}

function readUrl(text: string): string {
  return text.length > MAX_URL_LENGTH ? '' : cleanLine(text, MAX_URL_LENGTH)
}
