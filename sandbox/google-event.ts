import { createHash } from 'node:crypto'
import { addDays } from '../src/base/time.ts'
import type { EventInput, EventType, ResponseStatus } from './google/event.ts'
import { ruleLines } from './ics-times.ts'
import {
  type Answer,
  type Conference,
  type Invitation,
  isWholeDays,
  type SpecialKind,
  type Timed,
  type Times,
  type WholeDays,
} from './invitation.ts'

const RESPONSES: Record<Answer, ResponseStatus> = {
  needs_action: 'needsAction',
  accepted: 'accepted',
  declined: 'declined',
  tentative: 'tentative',
}

const EVENT_TYPES: Record<SpecialKind, EventType> = {
  out_of_office: 'outOfOffice',
  focus_time: 'focusTime',
  working_location: 'workingLocation',
  birthday: 'birthday',
}

/** An invitation as a Google event, without the occurrences that differ. The same invitation gives the same event, but that some series grow. */
export function googleEvent(invitation: Invitation, now: Date): EventInput {
  const { uid, title, location, description, conference, visibility, kind, invitees, when, series } = invitation
  return {
    id: googleId(uid),
    iCalUID: uid,
    summary: title,
    ...(isWholeDays(when) ? dayTimes(when) : eventTimes(when, when)),
    ...(series ? { recurrence: ruleLines(invitation, now) } : {}),
    ...(location ? { location } : {}),
    ...(description ? { description } : {}),
    ...(conference?.url ? conferenceContent(conference) : {}),
    ...(visibility ? { visibility } : {}),
    ...(kind ? { eventType: EVENT_TYPES[kind] } : {}),
    attendees: invitees.map(({ name, email, answer, kind }) => ({
      email,
      displayName: name,
      responseStatus: RESPONSES[answer],
      ...(kind === 'room' ? { resource: true } : {}),
    })),
  }
}

/** What Google calls the invitation. */
function googleId(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 26)
}

/** Times in the zone in which the invitation was entered; Google knows zones by their IANA names only. */
export function eventTimes({ startsAt, endsAt }: Times, { timeZone }: Timed): Pick<EventInput, 'start' | 'end'> {
  const at = (instant: Date) => ({ dateTime: instant.toISOString(), timeZone })
  return { start: at(startsAt), end: at(endsAt) }
}

function dayTimes({ firstOn, lastOn }: WholeDays): Pick<EventInput, 'start' | 'end'> {
  return { start: { date: firstOn }, end: { date: addDays(lastOn, 1) } }
}

/** Google has its own conferences in a field besides; others come by add-ons. */
function conferenceContent({ property, url: uri }: Conference): Partial<EventInput> {
  const isMeet = property === 'X-GOOGLE-CONFERENCE'
  const conferenceData = {
    entryPoints: [{ entryPointType: 'video', uri }],
    conferenceSolution: { key: { type: isMeet ? 'hangoutsMeet' : 'addOn' } },
  }
  return { conferenceData, ...(isMeet ? { hangoutLink: uri } : {}) }
}
