/**
 * The properties of a VEVENT that we use. All others are dropped when a feed is read: alarms, attached files, and what changes
 * at each fetch (DTSTAMP, LAST-MODIFIED, CREATED), which would make every event look changed. The limit is how many lines are kept.
 */
const LIMITS: Readonly<Record<string, number>> = {
  UID: 1,
  'RECURRENCE-ID': 1,
  DTSTART: 1,
  DTEND: 1,
  DURATION: 1,
  // One more than is expanded, so that a series with too many is noticed.
  RRULE: 21,
  EXRULE: 21,
  RDATE: 20_000,
  EXDATE: 20_000,
  STATUS: 1,
  TRANSP: 1,
  SUMMARY: 1,
  DESCRIPTION: 1,
  'X-ALT-DESC': 1,
  LOCATION: 1,
  URL: 1,
  CLASS: 1,
  ORGANIZER: 1,
  ATTENDEE: 3_000,
  CONFERENCE: 20,
  'X-GOOGLE-CONFERENCE': 5,
  'X-MICROSOFT-SKYPETEAMSMEETINGURL': 5,
  'X-MICROSOFT-ONLINEMEETINGEXTERNALLINK': 5,
  'X-MICROSOFT-CDO-BUSYSTATUS': 1,
  'X-MICROSOFT-CDO-INTENDEDSTATUS': 1,
  'X-GOOGLE-EVENT-TYPE': 1,
  'X-GOOGLE-EVENTTYPE': 1,
}

const limits = new Map(Object.entries(LIMITS))

/** Whether another line of this name is kept, given how many already are. */
export function isKept(name: string, count: number): boolean {
  return count < (limits.get(name) ?? 0)
}
