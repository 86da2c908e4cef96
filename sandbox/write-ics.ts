import { attendeeLine, joinLines, organizerLine, textLine } from './ics-lines.ts'
import { momentLine, ruleLines, timeLines, utcStamp } from './ics-times.ts'
import {
  type Conference,
  type Invitation,
  isWholeDays,
  type OccurrenceChange,
  type SpecialKind,
  type Timed,
  type Times,
} from './invitation.ts'
import type { Colleague } from './organisation.ts'
import { vtimezoneLines } from './write-vtimezone.ts'

// No standard has a property for these: the first is Outlook's, the others are Google's.
const KIND_LINES: Record<SpecialKind, string> = {
  out_of_office: 'X-MICROSOFT-CDO-BUSYSTATUS:OOF',
  focus_time: 'X-GOOGLE-EVENT-TYPE:FOCUSTIME',
  working_location: 'X-GOOGLE-EVENT-TYPE:WORKINGLOCATION',
  birthday: 'X-GOOGLE-EVENT-TYPE:BIRTHDAY',
}

/** One person's calendar as an iCalendar file. The same invitations give the same bytes, except that some series grow each hour. */
export function writeCalendar(owner: Colleague, invitations: readonly Invitation[], now: Date): string {
  return joinLines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Rapporteur//Sandbox//EN',
    'CALSCALE:GREGORIAN',
    textLine('X-WR-CALNAME', owner.name),
    `X-WR-TIMEZONE:${owner.timeZone}`,
    ...zoneLines(invitations),
    ...invitations.flatMap((invitation) => invitationLines(invitation, now)),
    'END:VCALENDAR',
  ])
}

/** Definitions of the zones in use, but of those under a foreign name: feeds from Windows often leave them out. */
function zoneLines(invitations: readonly Invitation[]): string[] {
  const timed = invitations.flatMap(({ when }) => (isWholeDays(when) ? [] : [when]))
  const defined = timed.filter(({ timeZone, zoneName }) => timeZone !== 'UTC' && zoneName === undefined)
  return [...Map.groupBy(defined, (when) => when.timeZone)].flatMap(([timeZone, whens]) => {
    const starts = whens.map((when) => when.startsAt.getTime())
    return vtimezoneLines(timeZone, new Date(Math.min(...starts)), new Date(Math.max(...starts)))
  })
}

/** The event, and after it each occurrence that was moved. */
function invitationLines(invitation: Invitation, now: Date): string[] {
  const { when, series } = invitation
  const event = (times: readonly string[]) => ['BEGIN:VEVENT', ...times, ...sharedLines(invitation), 'END:VEVENT']
  if (invitation.isDamaged) return event(['DTSTART:next-thursday'])
  const whole = [...timeLines(when), ...ruleLines(invitation, now)]
  if (!series || isWholeDays(when)) return event(whole)
  const master = [
    ...whole,
    ...series.changes.filter(isCancelled).map((change) => momentLine('EXDATE', change.originalStartsAt, when)),
  ]
  const moved = series.changes.flatMap(({ originalStartsAt, to }) =>
    to === 'cancelled' ? [] : event(movedLines(when, originalStartsAt, to)),
  )
  return [...event(master), ...moved]
}

function isCancelled(change: OccurrenceChange): boolean {
  return change.to === 'cancelled'
}

function movedLines(when: Timed, originalStartsAt: Date, to: Times): string[] {
  return [momentLine('RECURRENCE-ID', originalStartsAt, when), ...timeLines({ ...when, ...to })]
}

/** What the event and its moved occurrences have in common. */
function sharedLines(invitation: Invitation): string[] {
  const { uid, sequence, changedAt, title, location, description, conference, visibility, kind, invitees } = invitation
  return [
    textLine('UID', uid),
    `DTSTAMP:${utcStamp(changedAt)}`,
    `LAST-MODIFIED:${utcStamp(changedAt)}`,
    `SEQUENCE:${sequence}`,
    textLine('SUMMARY', title),
    ...(location ? [textLine('LOCATION', location)] : []),
    ...(description ? [textLine('DESCRIPTION', description)] : []),
    ...(conference?.url ? [conferenceLine(conference)] : []),
    `STATUS:${invitation.isCancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    ...(visibility ? [`CLASS:${visibility.toUpperCase()}`] : []),
    ...(kind ? [KIND_LINES[kind]] : []),
    ...(invitees.length > 0 ? [organizerLine(invitation.organizer)] : []),
    ...invitees.map(attendeeLine),
  ]
}

function conferenceLine({ property, url }: Conference): string {
  return property === 'CONFERENCE' ? `CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:${url}` : `${property}:${url}`
}
