import { HOUR_MS } from '../../../../base/time.ts'
import { type Duration, durationBetween, parseDuration } from '../../recurrence/duration.ts'
import { normalise } from '../../recurrence/expand-recurrence.ts'
import type { Moment } from '../../recurrence/moment.ts'
import { readMoment, type WrittenMoment, type ZoneContext } from '../../recurrence/time-value.ts'
import type { Component } from './component.ts'
import { parseContent } from './item-content.ts'

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
}

export interface ParsedItem {
  uid: string
  /** By which the item is named in problems, even where no time of it can be read. */
  face: Component | null
  master: ParsedEvent | null
  /** Of several revisions of one occurrence only the newest. */
  exceptions: ParsedException[]
  context: ZoneContext
  /** Codes of what had to be guessed or left out. */
  faults: Set<'end_invalid' | 'event_unreadable' | 'dates_unreadable'>
}

/** Reads the stored content of one UID. Never throws: what cannot be read is left out and noted. */
export function parseItem(content: string, fallbackZone: string): ParsedItem {
  const { zones, components } = parseContent(content)
  const context: ZoneContext = { zones, fallbackZone, unknownZones: new Set() }
  const item: ParsedItem = {
    uid: components[0]?.text('UID') ?? '',
    face: components[0] ?? null,
    master: null,
    exceptions: [],
    context,
    faults: new Set(),
  }

  for (const component of components) {
    if (component.text('RECURRENCE-ID') === '') item.master = readMaster(component, item) ?? item.master
  }
  const exceptions = new Map<number, ParsedException>()
  for (const component of components) {
    if (component.text('RECURRENCE-ID') === '') continue
    const exception = readException(component, item)
    if (exception) exceptions.set(exception.original.at, exception)
  }
  item.exceptions = [...exceptions.values()]
  return item
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
  return { ...readEvent(component, start, item), original, isFollowing }
}

function readEvent(component: Component, { moment, zone }: WrittenMoment, item: ParsedItem): ParsedEvent {
  const isCancelled = component.text('STATUS').toUpperCase() === 'CANCELLED'
  return { component, start: moment, zone, duration: readDuration(component, moment, item), isCancelled }
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
