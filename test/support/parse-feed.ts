import ICAL from 'ical.js'

/** One occurrence as a foreign reader understands it; for tests of what is written. */
export interface ReadOccurrence {
  uid: string
  title: string
  location: string
  startsAt: Date
  endsAt: Date
  isAllDay: boolean
  isCancelled: boolean
  visibility: string
  /** PARTSTAT by address. */
  answers: Record<string, string>
  organizer: string | null
}

/** Reads a feed with a library that shares nothing with the writer: occurrences that start within the bounds, by start. */
export function parseFeed(feed: string, from: Date, to: Date): ReadOccurrence[] {
  ICAL.TimezoneService.reset()
  const calendar = new ICAL.Component(ICAL.parse(feed))
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  const groups = Map.groupBy(calendar.getAllSubcomponents('vevent'), (event) => event.getFirstPropertyValue('uid'))
  return [...groups.values()]
    .flatMap(([first, ...exceptions]) => (first ? occurrencesOf(first, exceptions, to) : []))
    .filter(({ startsAt }) => startsAt >= from && startsAt < to)
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
}

function occurrencesOf(master: ICAL.Component, exceptions: ICAL.Component[], to: Date): ReadOccurrence[] {
  const event = new ICAL.Event(master, { exceptions })
  if (!event.isRecurring()) return [read(event, event.startDate, event.endDate)]
  const found: ReadOccurrence[] = []
  const walk = event.iterator()
  for (let next = walk.next(); next && next.toJSDate() < to; next = walk.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(next)
    found.push(read(item, startDate, endDate))
  }
  return found
}

function read(event: ICAL.Event, start: ICAL.Time, end: ICAL.Time): ReadOccurrence {
  const text = (name: string) => String(event.component.getFirstPropertyValue(name) ?? '')
  return {
    uid: event.uid,
    title: event.summary,
    location: event.location ?? '',
    startsAt: start.toJSDate(),
    endsAt: end.toJSDate(),
    isAllDay: start.isDate,
    isCancelled: text('status') === 'CANCELLED',
    visibility: text('class'),
    answers: Object.fromEntries(
      event.attendees.map((one) => [
        String(one.getFirstValue()).replace('mailto:', ''),
        String(one.getParameter('partstat')),
      ]),
    ),
    organizer: event.organizer?.replace('mailto:', '') ?? null,
  }
}
