import { cleanLine } from '../../../../base/text.ts'
import type { SourceEvent, SourceProblem, Window } from '../../event.ts'
import { normalise } from '../../recurrence/expand-recurrence.ts'
import { expandSeries, type SeriesProblem } from '../../recurrence/expand-series.ts'
import { keyOf } from '../../recurrence/moment.ts'
import type { ExpandOptions, Expansion } from '../provider.ts'
import { describeEvent } from './describe-event.ts'
import { type EventResource, eventResource } from './event-resource.ts'
import { type ReadTime, readTime } from './read-time.ts'

/** A stored event with its times read in the calendar's zone. */
interface Piece {
  event: EventResource
  start: ReadTime
  end: ReadTime | undefined
}

/**
 * The occurrences of all events that share a UID: single ones, series without their exceptions' days, and the exceptions, each within the
 * window. An exception whose series is not there stands by itself. Pure.
 */
export function expandEvents(contents: readonly string[], options: ExpandOptions): Expansion {
  const events = contents.flatMap(readContent)
  const zone = options.fallbackTimeZone
  const problems: SourceProblem[] = []
  const unsure: string[] = []
  const found = new Map<string, SourceEvent>()
  const add = (event: SourceEvent) => {
    if (isWithin(event, options.window)) found.set(event.occurrenceKey, event)
  }
  const parts = Map.groupBy(
    events.filter((event) => event.recurringEventId !== undefined),
    (event) => event.recurringEventId ?? '',
  )
  const wholes = events.filter((event) => event.recurringEventId === undefined).flatMap((event) => readPiece(event, zone))
  // Of two halves of a series the later one says what happens where they meet.
  for (const piece of wholes.sort((a, b) => a.start.moment.at - b.start.moment.at)) {
    if ((piece.event.recurrence?.length ?? 0) === 0) add(toEvent(piece, '', options))
    else {
      const excepted = new Set((parts.get(piece.event.id) ?? []).map((part) => originalKeyOf(part, zone, piece)))
      const expansion = expandWhole(piece, options)
      for (const event of expansion.events) if (!excepted.has(event.occurrenceKey)) add(event)
      problems.push(...expansion.problems)
      if (expansion.isUnsure) unsure.push(piece.event.id)
    }
  }
  for (const [seriesId, exceptions] of parts) {
    const series = wholes.find((piece) => piece.event.id === seriesId)
    for (const event of exceptions) {
      const key = originalKeyOf(event, zone, series)
      if (event.status === 'cancelled' || key === undefined) continue
      for (const piece of readPiece(event, zone)) add(toEvent(piece, key, options, series?.event))
    }
  }
  return { events: [...found.values()], problems, unsure }
}

function expandWhole(piece: Piece, options: ExpandOptions) {
  const { event, start, end } = piece
  const description = describeEvent(event, options.ownerEmail)
  const series = { start: start.moment, end: end?.moment ?? null, lines: event.recurrence ?? [] }
  const expansion = expandSeries(series, options.window)
  const events = expansion.occurrences.map(
    ({ key, startsAt, endsAt }): SourceEvent => ({
      ...identityOf(piece),
      ...description,
      occurrenceKey: key,
      startsAt,
      endsAt,
    }),
  )
  const own: SeriesProblem[] = start.unknownZone ? [{ code: 'time_zone_unknown', detail: start.unknownZone }] : []
  const problems = [...own, ...(expansion.kind === 'quarantined' ? expansion.problems : [])]
  return { events, isUnsure: problems.length > 0, problems: problems.map((problem) => explain(problem, event)) }
}

function toEvent(piece: Piece, occurrenceKey: string, options: ExpandOptions, series?: EventResource): SourceEvent {
  const { event, start, end } = piece
  const startsAt = start.moment.at
  return {
    ...identityOf(piece, series),
    ...describeEvent(event, options.ownerEmail),
    occurrenceKey,
    startsAt: new Date(startsAt),
    endsAt: new Date(Math.max(startsAt, end?.moment.at ?? startsAt)),
  }
}

function identityOf({ event, start }: Piece, series?: EventResource) {
  return {
    uid: uidOf(series ?? event),
    isAllDay: start.moment.isAllDay,
    timeZone: start.zone,
    isCancelled: event.status === 'cancelled',
  }
}

/** The same as the stored piece has; of an exception, its series'. */
function uidOf({ iCalUID = '', recurringEventId, id }: EventResource): string {
  return cleanLine(iCalUID, 1_000) || (recurringEventId ?? id)
}

/** When an exception was to be, in the form of its series: a day of a series that was made one of whole days later is that day's. */
function originalKeyOf(event: EventResource, zone: string, series: Piece | undefined): string | undefined {
  const original = readTime(event.originalStartTime, zone)?.moment
  if (original === undefined) return undefined
  return keyOf(series ? normalise(original, series.start.moment) : original)
}

function isWithin({ startsAt, endsAt }: SourceEvent, { from, to }: Window): boolean {
  // What takes no time is there at its start.
  return startsAt < to && (endsAt > from || (endsAt.getTime() === startsAt.getTime() && startsAt >= from))
}

function readPiece(event: EventResource, zone: string): Piece[] {
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
  dates_unreadable: 'A date of the series cannot be read',
  line_unreadable: 'A line of the series cannot be read',
  time_zone_unknown: 'The time zone of the series is not known',
}

function explain({ code, detail }: SeriesProblem, event: EventResource): SourceProblem {
  return {
    code,
    message: `${MEANINGS[code]} (${detail.slice(0, 200)}); its occurrences are those that Google lists.`,
    uid: uidOf(event),
    title: event.summary?.slice(0, 500) ?? null,
    raw: JSON.stringify({ start: event.start, recurrence: event.recurrence }).slice(0, 50_000),
  }
}
