import { isDeepStrictEqual } from 'node:util'
import type { Calendar } from './calendar.ts'
import { conferenceOf } from './conference.ts'
import { forbidden, GoogleError, notFound } from './errors.ts'
import { type Attendee, addressOf, type Differences, type EventBody, type EventInput, type Party } from './event.ts'
import {
  applyDifferences,
  composeException,
  makeEvent,
  mergeDifferences,
  newEventId,
  readChanges,
  withOrganizer,
} from './make-event.ts'
import { findRow, startsOf } from './occurrences.ts'
import { checkRecurrence } from './series.ts'
import { shareEvent, takeAway } from './share-events.ts'
import { instantOfWhen, stampOf } from './when.ts'
import type { World } from './world.ts'

/** Enters an event, and its copies into the calendars of those who are invited and have one here. */
export function insertEvent(world: World, calendar: Calendar, input: EventInput, party = ownerOf(world, calendar)) {
  return world.change(() => {
    const body = makeEvent(calendar, input, party, world.tick())
    if (calendar.entries.has(body.id)) {
      throw new GoogleError(409, 'duplicate', 'The requested identifier already exists.')
    }
    calendar.put(body)
    shareEvent(world, calendar, body)
    return body
  })
}

/**
 * Changes an event, a series or one occurrence, in all copies. Who is only invited may answer, and more where the organiser lets guests.
 * Throws what Google answers.
 */
export function patchEvent(world: World, calendar: Calendar, id: string, changes: Partial<EventInput>): EventBody {
  return world.change(() => {
    const body = bodyOf(world, calendar, id)
    const organizer = world.calendarOf(body.organizer.email)
    if (organizer === calendar || !organizer.entries.has(body.recurringEventId ?? id)) {
      return changeOwn(world, calendar, body, changes)
    }
    const { attendees, ...others } = changes
    const own = attendees?.find((one) => calendar.addresses.has(addressOf(one.email)))
    if (own?.responseStatus) answerEvent(world, calendar, id, own)
    if (Object.keys(others).length > 0) {
      if (!body.content.guestsCanModify)
        throw forbidden(
          'forbiddenForNonOrganizer',
          'Shared properties can only be changed by the organizer of the event.',
        )
      changeOwn(world, organizer, bodyOf(world, organizer, id), others)
    }
    return bodyOf(world, calendar, id)
  })
}

/** Answers an invitation, or one occurrence of a series, in all copies. */
export function answerEvent(world: World, calendar: Calendar, id: string, answer: Omit<Attendee, 'email'>): EventBody {
  return world.change(() => {
    const copy = bodyOf(world, calendar, id)
    const organizer = world.calendarOf(copy.organizer.email)
    const keeper = organizer.entries.has(copy.recurringEventId ?? id) ? organizer : calendar
    const body = bodyOf(world, keeper, id)
    if (!body.attendees.some((one) => calendar.addresses.has(addressOf(one.email)))) throw forbidden()
    const attendees = body.attendees.map((one) =>
      calendar.addresses.has(addressOf(one.email)) ? { ...one, ...answer } : one,
    )
    changeTo(world, keeper, body, { attendees })
    return bodyOf(world, calendar, id)
  })
}

/**
 * Takes an event, a series or one occurrence away: the organiser from everybody, the invited from the own calendar, which declines.
 * Throws what Google answers.
 */
export function deleteEvent(world: World, calendar: Calendar, id: string): void {
  world.change(() => {
    const row = findRow(calendar, id, world.doubts)
    if (!row) throw notFound()
    if (row.form !== 'full' || row.body.status === 'cancelled') {
      throw new GoogleError(410, 'deleted', 'Resource has been deleted')
    }
    const organizer = world.calendarOf(row.body.organizer.email)
    if (organizer === calendar || !organizer.entries.has(row.body.recurringEventId ?? id)) {
      return void changeTo(world, calendar, row.body, { status: 'cancelled' })
    }
    const isInvited = row.body.attendees.some((one) => calendar.addresses.has(addressOf(one.email)))
    const answered = isInvited ? answerEvent(world, calendar, id, { responseStatus: 'declined' }) : row.body
    calendar.put({ ...answered, status: 'cancelled', updatedAt: world.tick() }, 'full', true)
    if (answered.recurrence) for (const entry of calendar.exceptionsOf(id)) takeAway(world, calendar, entry.body)
  })
}

/** Gives an event to another calendar, whose owner then organises it instead of the old one; a trace with only its id stays. */
export function moveEvent(world: World, calendar: Calendar, id: string, to: Calendar): EventBody {
  return world.change(() => {
    const body = bodyOf(world, calendar, id)
    if (body.status === 'cancelled') throw notFound()
    if (world.calendarOf(body.organizer.email) !== calendar) {
      throw forbidden('cannotChangeOrganizer', 'Only its organizer can give an event to another calendar.')
    }
    if (body.recurringEventId !== undefined) throw forbidden('cannotMoveInstance', 'Occurrences cannot be moved.')
    const party = ownerOf(world, to)
    const others = body.attendees.filter(({ email }) => !calendar.addresses.has(addressOf(email)))
    const attendees = withOrganizer(others, party)
    const moved: EventBody = {
      ...body,
      organizer: party,
      attendees,
      updatedAt: world.tick(),
      sequence: body.sequence + 1,
    }
    const exceptions = calendar.exceptionsOf(id).map((entry) => entry.body)
    calendar.put({ ...body, updatedAt: moved.updatedAt }, 'gone')
    for (const exception of exceptions) takeAway(world, calendar, exception)
    to.put(moved)
    shareEvent(world, to, moved)
    for (const exception of exceptions) {
      const body = { ...composeException(moved, exception), updatedAt: world.tick() }
      to.put(body)
      shareEvent(world, to, body)
    }
    return moved
  })
}

/** Ends the making of a conference that was asked for: the link is there, or it failed. */
export function completeConference(world: World, calendar: Calendar, id: string, outcome: 'success' | 'failure'): void {
  const { createRequest } = (bodyOf(world, calendar, id).content.conferenceData ?? {}) as { createRequest?: object }
  if (!createRequest) throw new Error(`No conference was asked for in ${id}`)
  const asked = { ...createRequest, status: { statusCode: outcome } }
  if (outcome === 'failure') patchEvent(world, calendar, id, { conferenceData: { createRequest: asked } })
  else patchEvent(world, calendar, id, conferenceOf(id, asked))
}

/** Enters a copy of an event that is kept elsewhere; nobody else gets one. Throws what Google answers. */
export function importEvent(
  world: World,
  calendar: Calendar,
  { organizer, ...input }: EventInput & { organizer?: Party },
): EventBody {
  return world.change(() => {
    const known = [...calendar.entries.values()].find(({ body }) => body.iCalUID === input.iCalUID)
    const id = known?.body.id ?? newEventId()
    const body = makeEvent(calendar, { ...input, id }, organizer ?? ownerOf(world, calendar), world.tick())
    calendar.put(body)
    return body
  })
}

/** Like a change that says everything: texts that are not named go away. */
export function replaceEvent(world: World, calendar: Calendar, id: string, event: Partial<EventInput>): EventBody {
  const gone = Object.keys(bodyOf(world, calendar, id).content).filter((name) => !(name in event))
  const emptied = Object.fromEntries(gone.map((name) => [name, null])) as Partial<EventInput>
  return patchEvent(world, calendar, id, { ...event, ...emptied, attendees: event.attendees ?? [] })
}

/** Puts something into one calendar as it is, however little sense it makes. */
export function plantEvent(world: World, calendar: Calendar, resource: Record<string, unknown> & { id: string }): void {
  world.change(() => {
    const input: EventInput = { start: { date: '2026-01-01' }, end: { date: '2026-01-02' } }
    const body = makeEvent(calendar, { ...input, id: resource.id }, ownerOf(world, calendar), world.tick())
    calendar.put({ ...body, planted: resource })
  })
}

/** Who a calendar's own events say they are organised by. */
export function ownerOf(world: World, calendar: Calendar): Party {
  const name = world.directory.find(calendar.id)?.name
  return { email: calendar.id, ...(name && name !== calendar.id ? { displayName: name } : {}) }
}

/** What stands there and is not gone. */
export function bodyOf(world: World, calendar: Calendar, id: string): EventBody {
  const row = findRow(calendar, id, world.doubts)
  if (row?.form !== 'full') throw notFound()
  return row.body
}

function changeOwn(world: World, calendar: Calendar, body: EventBody, changes: Partial<EventInput>): EventBody {
  const { recurrence } = changes
  const differences = readChanges(calendar, body, changes)
  if (recurrence && body.recurringEventId === undefined) {
    checkRecurrence(recurrence, differences.start ?? body.start)
    return changeTo(world, calendar, body, differences, recurrence)
  }
  return changeTo(world, calendar, body, differences)
}

/** Writes what differs into the organiser's calendar and all copies. */
function changeTo(
  world: World,
  calendar: Calendar,
  body: EventBody,
  changes: Differences,
  recurrence = body.recurrence,
): EventBody {
  const updatedAt = world.tick()
  const sequence = body.sequence + (changes.start || changes.end ? 1 : 0)
  const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)?.body
  const { recurrence: _, ...whole } = applyDifferences(body, changes)
  const next: EventBody = {
    ...(series
      ? composeException(series, { ...body, differences: mergeDifferences(body.differences ?? {}, changes) })
      : // Without a line left it is a single event.
        { ...whole, ...(recurrence?.length ? { recurrence } : {}) }),
    updatedAt,
    sequence,
  }
  calendar.put(next)
  shareEvent(world, calendar, next, body.attendees)
  if (body.recurrence) followSeries(world, calendar, body, next)
  return next
}

/** What the change of a series does to its exceptions: they follow it, or go where their day is none any more. */
function followSeries(world: World, calendar: Calendar, before: EventBody, series: EventBody): void {
  const exceptions = calendar.exceptionsOf(series.id).map((entry) => entry.body)
  if (exceptions.length === 0) return
  if (series.status === 'cancelled') {
    for (const exception of exceptions) {
      takeAway(world, calendar, exception)
      shareEvent(world, calendar, { ...exception, status: 'cancelled' }, exception.attendees)
    }
    return
  }
  const originals = exceptions.map(({ originalStart }) => originalStart ?? series.start)
  const until = Math.max(...originals.map((start) => instantOfWhen(start, calendar.timeZone)))
  const stamps = new Set(series.recurrence ? startsOf(series, until, calendar, world.doubts).map(stampOf) : [])
  for (const exception of exceptions) {
    const isCovered = stamps.has(stampOf(exception.originalStart ?? series.start))
    if (isCovered) follow(world, calendar, before, series, exception)
    else reset(world, calendar, exception)
  }
}

function follow(world: World, calendar: Calendar, before: EventBody, series: EventBody, exception: EventBody): void {
  const next = composeException(series, exception)
  const hasOthers = !isDeepStrictEqual(before.attendees, series.attendees)
  if (isDeepStrictEqual(next, exception) && !hasOthers) return
  const body = { ...next, updatedAt: world.tick() }
  calendar.put(body)
  shareEvent(world, calendar, body, [...exception.attendees, ...before.attendees, ...series.attendees])
}

function reset(world: World, calendar: Calendar, exception: EventBody): void {
  const differences: Differences = { ...exception.differences, status: 'cancelled' }
  const body: EventBody = { ...exception, status: 'cancelled', differences, updatedAt: world.tick() }
  const isListed = world.doubts.resetExceptionsAreListed
  for (const one of new Set([calendar, ...exception.attendees.flatMap(({ email }) => world.find(email) ?? [])])) {
    if (!one.entries.has(exception.id)) continue
    if (isListed) one.put(body, 'gone_instance')
    else one.forget(exception.id)
  }
}
