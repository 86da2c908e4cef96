import { HOUR_MS } from '../../../../base/time.ts'
import { type Duration, durationBetween, parseDuration } from '../../../../formats/recurrence/duration.ts'
import { normalise } from '../../../../formats/recurrence/expand-recurrence.ts'
import type { Moment } from '../../../../formats/recurrence/moment.ts'
import { readMoment, type WrittenMoment, type ZoneContext } from '../../../../formats/recurrence/time-value.ts'
import { isCancelledByTitle } from './classify.ts'
import type { Component } from './component.ts'
import { OLDER_PROPERTY, parseContent } from './item-content.ts'

/** One VEVENT with its times read. */
export interface ParsedEvent {
  component: Component
  start: Moment
  /** The zone in which the start was written; null for whole days and floating times. */
  zone: string | null
  duration: Duration
  isCancelled: boolean
}

/** A VEVENT that stands for one occurrence of a series, or for it and all that follow. */
export interface ParsedException extends ParsedEvent {
  original: Moment
  isFollowing: boolean
  /** Whether its series has been changed since, and stands where they are at odds. */
  isOlder: boolean
}

/** What had to be guessed or left out. */
export type ItemFault =
  | 'end_invalid'
  | 'event_unreadable'
  | 'dates_unreadable'
  | 'series_without_master'
  | 'uid_shared'
  | 'revision_unclear'
  | 'cancelled_by_title'

export interface ParsedItem {
  uid: string
  /** By which the item is named in problems, even where no time of it can be read. */
  face: Component | null
  master: ParsedEvent | null
  /** Further VEVENTs under this UID that are no exceptions. */
  others: ParsedEvent[]
  /** Of several revisions of one occurrence only the newest. */
  exceptions: ParsedException[]
  context: ZoneContext
  faults: Set<ItemFault>
}

/** Reads the stored content of one UID. Never throws: what cannot be read is left out and noted. */
export function parseItem(content: string, fallbackZone: string): ParsedItem {
  const { zones, notes, components } = parseContent(content)
  const context: ZoneContext = { zones, fallbackZone, unknownZones: new Set(), guessedZones: new Map() }
  const item: ParsedItem = {
    uid: components[0]?.text('UID') ?? '',
    face: components[0] ?? null,
    master: null,
    others: [],
    exceptions: [],
    context,
    faults: new Set(),
  }
  if (notes.has('unclear_revision')) item.faults.add('revision_unclear')

  const { masters, exceptions } = divide(components, item)
  readMasters(masters, item)
  const byOriginal = new Map<number, ParsedException>()
  for (const component of exceptions) {
    const exception = readException(component, item)
    if (exception) byOriginal.set(exception.original.at, exception)
  }
  item.exceptions = [...byOriginal.values()]
  return item
}

/** A series that Outlook copied calls itself an exception of another; where that one is not there, what repeats is the series. */
function divide(components: readonly Component[], item: ParsedItem): { masters: Component[]; exceptions: Component[] } {
  const isException = (component: Component) => component.text('RECURRENCE-ID') !== ''
  const masters = components.filter((component) => !isException(component))
  const exceptions = components.filter(isException)
  const copied = masters.length === 0 ? exceptions.find((one) => one.first('RRULE') !== undefined) : undefined
  if (copied === undefined) return { masters, exceptions }
  item.faults.add('series_without_master')
  return { masters: [copied], exceptions: exceptions.filter((one) => one !== copied) }
}

/** Of several at one time the last, which is the newest, counts; a series, or else the earliest, goes before the others. */
function readMasters(components: readonly Component[], item: ParsedItem): void {
  const byStart = new Map<number, ParsedEvent>()
  for (const component of components) {
    const master = readMaster(component, item)
    if (master) byStart.set(master.start.at, master)
  }
  const masters = [...byStart.values()].sort((a, b) => a.start.at - b.start.at)
  item.master = masters.find((one) => one.component.first('RRULE') !== undefined) ?? masters[0] ?? null
  item.others = masters.filter((one) => one !== item.master)
  if (item.others.length > 0) item.faults.add('uid_shared')
}

function readMaster(component: Component, item: ParsedItem): ParsedEvent | undefined {
  const property = component.first('DTSTART')
  const start = property && readMoment(property, item.context)
  if (start === undefined) {
    item.faults.add('event_unreadable')
    return undefined
  }
  return readEvent(component, start, item)
}

function readException(component: Component, item: ParsedItem): ParsedException | undefined {
  const seriesStart = item.master?.start
  const seriesZone = seriesStart?.timeZone ?? item.context.fallbackZone
  const idProperty = component.first('RECURRENCE-ID')
  const id = idProperty && readMoment(idProperty, item.context, seriesZone)
  const startProperty = component.first('DTSTART')
  // A cancelled occurrence may come without a start of its own; then it is where it was.
  const start = startProperty === undefined ? id : readMoment(startProperty, item.context, seriesZone)
  if (id === undefined || start === undefined) {
    item.faults.add('event_unreadable')
    return undefined
  }
  const original = seriesStart === undefined ? id.moment : normalise(id.moment, seriesStart)
  const isFollowing = idProperty?.params.get('range')?.toUpperCase() === 'THISANDFUTURE'
  const isOlder = component.first(OLDER_PROPERTY) !== undefined
  return { ...readEvent(component, start, item), original, isFollowing, isOlder }
}

function readEvent(component: Component, { moment, zone }: WrittenMoment, item: ParsedItem): ParsedEvent {
  const isCancelled = component.text('STATUS').toUpperCase() === 'CANCELLED'
  const isCalledCancelled = !isCancelled && isCancelledByTitle(component)
  if (isCalledCancelled) item.faults.add('cancelled_by_title')
  const duration = readDuration(component, moment, item)
  return { component, start: moment, zone, duration, isCancelled: isCancelled || isCalledCancelled }
}

function readDuration(component: Component, start: Moment, item: ParsedItem): Duration {
  const endProperty = component.first('DTEND')
  if (endProperty !== undefined) {
    const end = readMoment(endProperty, item.context, start.timeZone)
    const duration = end && durationBetween(start, end.moment)
    if (duration !== undefined) return duration
    item.faults.add('end_invalid')
  } else if (component.first('DURATION') !== undefined) {
    const duration = parseDuration(component.text('DURATION'))
    if (duration !== undefined) return duration
    item.faults.add('end_invalid')
  }
  return defaultDuration(start, item.master)
}

/** RFC 5545 ends a timed event without an end at its start, which nobody can attend: an hour is what such invitations mean. */
function defaultDuration(start: Moment, master: ParsedEvent | null): Duration {
  if (master !== null && master.start.isAllDay === start.isAllDay) return master.duration
  return start.isAllDay ? { days: 1, ms: 0 } : { days: 0, ms: HOUR_MS }
}
