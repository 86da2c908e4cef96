import { cleanLine } from '../../../../base/text.ts'
import { DAY_MS } from '../../../../base/time.ts'
import { expandSeries, type Series, type SeriesProblem } from '../../../../formats/recurrence/expand-series.ts'
import { keyOf } from '../../../../formats/recurrence/moment.ts'
import type { Window } from '../../../../formats/recurrence/window.ts'
import { saysCancelled } from '../../cancelled-title.ts'
import type { SourceEvent, SourceProblem } from '../../event.ts'
import type { ExpandOptions, Expansion } from '../provider.ts'
import { describeEvent } from './describe-event.ts'
import { type EventResource, eventResource } from './event-resource.ts'
import { type ReadTime, readTime } from './read-time.ts'

/** Of more exceptions that stand on no day in the window Google is asked at once: finding out about each takes a while. */
const MAX_ODD = 50

/** A stored event with its times read in the calendar's zone. */
interface TimedEvent {
  event: EventResource
  start: ReadTime
  end: ReadTime | undefined
}

/**
 * The occurrences of all events that share a UID: single ones, series without their exceptions' days, and the exceptions, each within the
 * window. An exception whose series is not there stands by itself. Pure.
 */
export function expandEvents(contents: readonly string[], options: ExpandOptions): Expansion {
  const zone = options.fallbackTimeZone
  const events = contents.flatMap(readContent)
  const parts = Map.groupBy(
    events.filter((event) => event.recurringEventId !== undefined),
    (event) => event.recurringEventId ?? '',
  )
  const wholes = events
    .filter((event) => event.recurringEventId === undefined)
    .flatMap((event) => readTimes(event, zone))
  const found = new Map<string, SourceEvent>()
  const expansion = { problems: [] as SourceProblem[], unsure: [] as { seriesId: string; events: SourceEvent[] }[] }
  const add = (list: readonly SourceEvent[]) => {
    for (const event of list) if (isWithin(event, options.window)) found.set(event.occurrenceKey, event)
  }
  // Of two halves of a series the later one says what happens where they meet.
  for (const timed of wholes.sort((a, b) => a.start.moment.at - b.start.moment.at)) {
    const seriesId = timed.event.id
    const own = expandTimedEvent(timed, parts.get(seriesId) ?? [], options)
    expansion.problems.push(...own.problems)
    // Of what repeats by the minute Google would list tens of thousands.
    const isTooFrequent = own.problems.some(({ code }) => code === 'rrule_too_frequent')
    if (isTooFrequent || (own.problems.length === 0 && !own.hasStrays)) add(own.events)
    else {
      const within = own.events.filter((event) => isWithin(event, options.window))
      expansion.unsure.push({ seriesId, events: within })
    }
    parts.delete(seriesId)
  }
  for (const orphans of parts.values()) add(toExceptions(orphans, undefined, options))
  return { events: [...found.values()], ...expansion }
}

/** Occurrences as Google lists them one by one, within the window; cancelled and unreadable ones are left out. Pure. */
export function expandInstances(given: readonly unknown[], options: ExpandOptions): SourceEvent[] {
  const events = given.flatMap((one) => {
    const parsed = eventResource.safeParse(one)
    return parsed.success && parsed.data.status !== 'cancelled' ? [parsed.data] : []
  })
  return events
    .flatMap((event) => {
      if (event.recurringEventId !== undefined) return toExceptions([event], undefined, options)
      return readTimes(event, options.fallbackTimeZone).map((timed) => toEvent(timed, ''))
    })
    .filter((event) => isWithin(event, options.window))
}

function expandTimedEvent(timed: TimedEvent, parts: readonly EventResource[], options: ExpandOptions) {
  // What is no series any more has no exceptions, whether or not Google said that they are gone.
  const isSeries = (timed.event.recurrence?.length ?? 0) > 0
  if (!isSeries) return { events: [toEvent(timed, '')], problems: [], hasStrays: false }
  const excepted = new Set(parts.map((part) => originalKeyOf(part, options.fallbackTimeZone)))
  const { events, problems } = expandWhole(timed, options)
  const left = events.filter((event) => !excepted.has(event.occurrenceKey))
  const exceptions = toExceptions(parts, timed, options)
  const regular = new Set(events.map((event) => event.occurrenceKey))
  const odd = exceptions.filter((event) => isWithin(event, options.window) && !regular.has(event.occurrenceKey))
  const hasStrays = odd.length > MAX_ODD || odd.some((event) => !isOccurrence(timed, event.occurrenceKey))
  return { events: [...left, ...exceptions], problems, hasStrays }
}

/**
 * Whether a series has an occurrence of this key, anywhere. Google takes exceptions away with their days and is not known to say so each
 * time; which of those that have no day stand, it has to be asked.
 */
function isOccurrence(timed: TimedEvent, key: string): boolean {
  const day = Date.parse(key.slice(0, 10))
  const window = { from: new Date(day - 2 * DAY_MS), to: new Date(day + 3 * DAY_MS) }
  return expandSeries(seriesOf(timed), window).occurrences.some((occurrence) => occurrence.key === key)
}

function seriesOf({ event, start, end }: TimedEvent): Series {
  // Google lets what falls into a gap of the clock take place later by the length of the gap (decision 0006).
  return { start: start.moment, end: end?.moment ?? null, lines: event.recurrence ?? [], gaps: 'shift' }
}

function toExceptions(parts: readonly EventResource[], series: TimedEvent | undefined, options: ExpandOptions) {
  const zone = options.fallbackTimeZone
  return parts
    .filter((event) => event.status !== 'cancelled')
    .flatMap((event) => {
      const key = originalKeyOf(event, zone)
      return key === undefined ? [] : readTimes(event, zone).map((timed) => toEvent(timed, key, series?.event))
    })
}

function expandWhole(timed: TimedEvent, options: ExpandOptions) {
  const { event, start } = timed
  const description = describeEvent(event)
  const expansion = expandSeries(seriesOf(timed), options.window)
  const events = expansion.occurrences.map(
    ({ key, startsAt, endsAt }): SourceEvent => ({
      ...identityOf(timed),
      ...description,
      occurrenceKey: key,
      startsAt,
      endsAt,
    }),
  )
  const own: SeriesProblem[] = start.unknownZone ? [{ code: 'time_zone_unknown', detail: start.unknownZone }] : []
  const problems = [...own, ...(expansion.kind === 'quarantined' ? expansion.problems : [])]
  return { events, problems: problems.map((problem) => explain(problem, event)) }
}

function toEvent(timed: TimedEvent, occurrenceKey: string, series?: EventResource): SourceEvent {
  const { event, start, end } = timed
  const startsAt = start.moment.at
  return {
    ...identityOf(timed, series),
    ...describeEvent(event),
    occurrenceKey,
    startsAt: new Date(startsAt),
    endsAt: new Date(Math.max(startsAt, end?.moment.at ?? startsAt)),
  }
}

function identityOf({ event, start }: TimedEvent, series?: EventResource) {
  return {
    uid: uidOf(series ?? event),
    isAllDay: start.moment.isAllDay,
    timeZone: start.zone,
    isCancelled: event.status === 'cancelled' || isCancelledByTitle(event),
  }
}

/** What booking pages and Outlook leave in a calendar of a meeting that was cancelled. */
function isCancelledByTitle({ transparency, summary = '' }: EventResource): boolean {
  return transparency === 'transparent' && saysCancelled(summary)
}

/** The same as the stored timed has; of an exception, its series'. */
function uidOf({ iCalUID = '', recurringEventId, id }: EventResource): string {
  return cleanLine(iCalUID, 1_000) || (recurringEventId ?? id)
}

/**
 * When an exception was to be. One of a series that was made timed, or one of whole days, since has another form of key than all of its
 * occurrences: Google begins such a series anew, so that a hole takes nothing out of it, and what was moved has to be asked for.
 */
function originalKeyOf(event: EventResource, zone: string): string | undefined {
  const original = readTime(event.originalStartTime, zone)?.moment
  return original === undefined ? undefined : keyOf(original)
}

function isWithin({ startsAt, endsAt }: SourceEvent, { from, to }: Window): boolean {
  // What takes no time is there at its start.
  return startsAt < to && (endsAt > from || (endsAt.getTime() === startsAt.getTime() && startsAt >= from))
}

function readTimes(event: EventResource, zone: string): TimedEvent[] {
  const start = readTime(event.start, zone)
  return start === undefined ? [] : [{ event, start, end: readTime(event.end, zone) }]
}

function readContent(content: string): EventResource[] {
  const parsed = eventResource.safeParse(JSON.parse(content))
  return parsed.success ? [parsed.data] : []
}

const MEANINGS: Record<SeriesProblem['code'], string> = {
  rrule_invalid: 'A rule of the series cannot be read',
  rrule_too_expensive: 'The series has too many occurrences to work out here',
  rrule_too_frequent: 'The series repeats more often than hourly, which no meeting does',
  dates_unreadable: 'A date of the series cannot be read',
  line_unreadable: 'A line of the series cannot be read',
  time_zone_unknown: 'The time zone of the series is not known',
}

function explain({ code, detail }: SeriesProblem, event: EventResource): SourceProblem {
  return {
    code,
    message: `${MEANINGS[code]} (${detail.slice(0, 200)}); ${
      code === 'rrule_too_frequent'
        ? 'without that rule, only its first date and single dates count.'
        : 'its occurrences are those that Google lists.'
    }`,
    uid: uidOf(event),
    title: event.summary?.slice(0, 500) ?? null,
    raw: JSON.stringify({ start: event.start, recurrence: event.recurrence }).slice(0, 50_000),
  }
}
