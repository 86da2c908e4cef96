/** A small feed for tests: the lines of each entry between BEGIN and END of a VEVENT. */
export function icsFeed(...entries: readonly (readonly string[])[]): string {
  const events = entries.flatMap((lines) => ['BEGIN:VEVENT', 'DTSTAMP:20261101T000000Z', ...lines, 'END:VEVENT'])
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example.com//test//EN', ...events, 'END:VCALENDAR', ''].join(
    '\r\n',
  )
}

export const standup = [
  'UID:standup@example.com',
  'SUMMARY:Stand-up',
  'DTSTART:20261123T090000Z',
  'DTEND:20261123T091500Z',
  'LOCATION:https://meet.google.com/abc-defg-hij',
  'ORGANIZER:mailto:ana@example.com',
  'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@example.com',
  'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.com',
]

export const weekly = [
  'UID:weekly@example.com',
  'SUMMARY:Weekly planning',
  'DTSTART;TZID=Europe/Vienna:20261102T140000',
  'DTEND;TZID=Europe/Vienna:20261102T150000',
  'RRULE:FREQ=WEEKLY',
  'DESCRIPTION:Join https://zoom.us/j/1234567890?pwd=abc',
]
