import { randomBytes } from 'node:crypto'
import type { Calendar } from './calendar.ts'
import { withPendingConference } from './conference.ts'
import { GoogleError } from './errors.ts'
import {
  type Attendee,
  addressOf,
  type Differences,
  type EventBody,
  type EventInput,
  isDay,
  type Party,
} from './event.ts'
import { checkRecurrence, instanceOf } from './series.ts'
import { readTime } from './when.ts'

// What Google lets an id be: base32hex. Ids of occurrences add an underscore and a stamp, which nobody may choose.
const ID = /^[a-v0-9]{5,1024}$/

/** The event that a calendar makes of what somebody wrote. Throws what Google answers. */
export function makeEvent(calendar: Calendar, input: EventInput, party: Party, at: number): EventBody {
  const { id = newEventId(), iCalUID, status = 'confirmed', attendees = [], recurrence, sequence = 0 } = input
  const { start, end } = readTimes(input, calendar.timeZone)
  if (recurrence) checkRecurrence(recurrence, start)
  return {
    id,
    iCalUID: iCalUID ?? `${id}@google.com`,
    status,
    createdAt: at,
    updatedAt: at,
    sequence,
    organizer: party,
    creator: party,
    start,
    end,
    ...(recurrence ? { recurrence } : {}),
    attendees: withOrganizer(attendees, party),
    content: contentOf(input),
  }
}

/** Throws unless an event may be called this. */
export function checkId(id: string): void {
  if (!ID.test(id)) throw new GoogleError(400, 'invalid', 'Invalid resource id value.')
}

export function newEventId(): string {
  return BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString(32)
    .padStart(26, '0')
}

/** What the patch of a single event, of a series or of an occurrence says, in the form that is kept. */
export function readChanges(calendar: Calendar, body: EventBody, changes: Partial<EventInput>): Differences {
  const { start, end, status, attendees } = changes
  const times = {
    ...(start ? { start: readTime(start, calendar.timeZone) } : {}),
    ...(end ? { end: readTime(end, calendar.timeZone) } : {}),
  }
  checkOrder(times.start ?? body.start, times.end ?? body.end)
  const content = contentOf(changes)
  return {
    ...times,
    ...(status ? { status } : {}),
    ...(attendees ? { attendees: withOrganizer(attendees, body.organizer) } : {}),
    ...(Object.keys(content).length > 0 ? { content } : {}),
  }
}

/** An event with what differs; a content that is null goes away. */
export function applyDifferences(body: EventBody, { content, ...rest }: Differences): EventBody {
  if (!content) return { ...body, ...rest }
  const merged = Object.entries({ ...body.content, ...content }).filter(([, value]) => value !== null)
  return { ...body, ...rest, content: Object.fromEntries(merged) }
}

/** An exception anew: its series as it is now, with what differs. */
export function composeException(series: EventBody, exception: EventBody): EventBody {
  const { originalStart, differences = {}, createdAt, updatedAt, sequence } = exception
  if (!originalStart) throw new Error(`${exception.id} is no exception`)
  const instance = instanceOf(series, originalStart)
  return { ...applyDifferences(instance, differences), differences, createdAt, updatedAt, sequence }
}

/** Later differences go before earlier ones, content by content. */
export function mergeDifferences(earlier: Differences, later: Differences): Differences {
  const content = { ...earlier.content, ...later.content }
  return { ...earlier, ...later, ...(Object.keys(content).length > 0 ? { content } : {}) }
}

function readTimes(input: EventInput, zone: string): Pick<EventBody, 'start' | 'end'> {
  const [start, end] = [readTime(input.start, zone), readTime(input.end, zone)]
  checkOrder(start, end)
  return { start, end }
}

function checkOrder(start: EventBody['start'], end: EventBody['end']): void {
  const isWrong = isDay(start) || isDay(end) ? !isDay(start) || !isDay(end) || end.date < start.date : end.at < start.at
  if (isWrong)
    throw new GoogleError(400, 'timeRangeEmpty', 'The specified time range is empty.', { domain: 'calendar' })
}

/** Whoever invites others is listed among them, and has accepted. */
export function withOrganizer(attendees: readonly Attendee[], { email, displayName }: Party): Attendee[] {
  const others = attendees.map((one): Attendee => ({ ...one, responseStatus: one.responseStatus ?? 'needsAction' }))
  if (others.length === 0 || others.some((one) => addressOf(one.email) === addressOf(email))) return others
  return [{ email, ...(displayName ? { displayName } : {}), responseStatus: 'accepted' }, ...others]
}

const KEPT_APART = new Set([
  ...['id', 'iCalUID', 'status', 'start', 'end', 'recurrence', 'attendees', 'sequence', 'organizer', 'creator'],
  ...['kind', 'etag', 'htmlLink', 'created', 'updated', 'recurringEventId', 'originalStartTime', 'attendeesOmitted'],
])

function contentOf(input: Partial<EventInput>): EventBody['content'] {
  const given = Object.entries(input).filter(([name, value]) => !KEPT_APART.has(name) && value !== undefined)
  return withPendingConference(Object.fromEntries(given))
}
