import { DAY_MS } from '../../src/base/time.ts'
import type { Calendar, Entry, Role } from './calendar.ts'
import type { Doubts } from './doubts.ts'
import type { EventBody } from './event.ts'
import { applyMask, type Mask } from './fields.ts'
import type { ListQuery } from './list-query.ts'
import { readPageToken, readSyncToken, writePageToken, writeSyncToken } from './list-tokens.ts'
import { type Row, rowsOfSeries, startsOf } from './occurrences.ts'
import { endAfter, instantOfWhen } from './when.ts'
import { type View, writeEvent } from './write-event.ts'

/** How pages of a calendar are cut, besides by `maxResults`. */
export interface PageShape {
  /** At most so many, however many are asked for. */
  size?: number
  /** Before each page with items comes one without. */
  withEmptyPages?: boolean
}

interface ListDeps {
  doubts: Doubts
  now: number
  shape?: PageShape | undefined
}

/** Where in a listing a row stands; a page goes on behind it. */
type Position = (string | number)[]
type Placed = [Position, Row]

/** One page of a calendar's events as JSON. Throws what Google answers. */
export function listEvents(calendar: Calendar, role: Role, query: ListQuery, deps: ListDeps): string {
  const { doubts, shape = {} } = deps
  const sync = query.syncToken === undefined ? undefined : readSyncToken(query.syncToken, calendar, query, doubts)
  const page = query.pageToken === undefined ? undefined : readPageToken(query.pageToken, calendar, query, doubts)
  const revision = page?.revision ?? calendar.head
  const place = page?.position ?? []
  const after = place.filter((part) => part !== 'empty')
  const bounded = sync ? { ...query, timeMin: sync.timeMin, timeMax: sync.timeMax } : query
  const rows = sync
    ? rowsOfDelta(calendar, bounded, sync.revision, after, deps)
    : query.singleEvents
      ? rowsOfOccurrences(calendar, bounded, after, deps)
      : rowsOfEntries(calendar, bounded, after, deps)

  const size = Math.min(query.maxResults, shape.size ?? Number.POSITIVE_INFINITY)
  const isEmptyPage = shape.withEmptyPages === true && place.at(-1) !== 'empty'
  const items: Row[] = []
  let position: Position = after
  let hasMore = isEmptyPage
  for (const [place, row] of isEmptyPage ? [] : rows) {
    if (items.length === size) {
      hasMore = true
      break
    }
    items.push(row)
    position = place
  }
  if (isEmptyPage) position = [...position, 'empty']
  const next = hasMore
    ? { nextPageToken: writePageToken(calendar, query, { revision, position }) }
    : isSyncable(query)
      ? { nextSyncToken: writeSyncToken(calendar, query, sync ? calendar.head : revision, doubts) }
      : {}
  return writePage(calendar, role, query, doubts, items, next)
}

/** The occurrences of one series as JSON. */
export function listInstances(calendar: Calendar, role: Role, series: EventBody, query: ListQuery, deps: ListDeps) {
  const until = query.timeMax ?? deps.now + deps.doubts.instancesAheadDays * DAY_MS
  const places = rowsOfSeries(calendar, series, until, deps.doubts)
    .filter(({ body, form }) => query.showDeleted || (form === 'full' && body.status !== 'cancelled'))
    // The lower bound is part of the range here, other than in a listing.
    .filter((row) => isWithin(row, { ...query, timeMin: query.timeMin && query.timeMin - 1 }, calendar))
    .map((row): Placed => [placeOf(row, calendar), row])
    .filter(([, { body }]) => isAtOriginalStart(body, query, calendar))
    .sort(([a], [b]) => comparePlaces(a, b))
  const after =
    query.pageToken === undefined ? [] : readPageToken(query.pageToken, calendar, query, deps.doubts).position
  const left = places.filter(([place]) => after.length === 0 || comparePlaces(place, after) > 0)
  const rows = left.slice(0, query.maxResults)
  const position = rows.at(-1)?.[0] ?? []
  const next =
    left.length > rows.length
      ? { nextPageToken: writePageToken(calendar, query, { revision: calendar.head, position }) }
      : {}
  return writePage(
    calendar,
    role,
    query,
    deps.doubts,
    rows.map(([, row]) => row),
    next,
  )
}

function isAtOriginalStart({ originalStart }: EventBody, query: ListQuery, calendar: Calendar): boolean {
  if (query.originalStart === undefined || originalStart === undefined) return query.originalStart === undefined
  return instantOfWhen(originalStart, calendar.timeZone) === Date.parse(query.originalStart)
}

/** A search gives no sync token: one that came with a search was found to mean the whole calendar (home-assistant/core 81532). */
function isSyncable({ orderBy, updatedMin, iCalUID, q }: ListQuery): boolean {
  return orderBy === undefined && updatedMin === undefined && iCalUID === undefined && q === undefined
}

function* rowsOfEntries(calendar: Calendar, query: ListQuery, after: Position, deps: ListDeps): Generator<Placed> {
  for (const entry of calendar.entries.values()) {
    if (entry.place <= Number(after[0] ?? 0)) continue
    if (isListed(calendar, entry, query) && isSeriesOrRowWithin(entry, query, calendar, deps)) {
      yield [[entry.place], entry]
    }
  }
}

/** Whether a listing without a sync token has this. What is cancelled in a series that lives is always listed. */
function isListed(calendar: Calendar, { body, form }: Row, query: ListQuery): boolean {
  if (!matches(body, query)) return false
  const isCancelled = form !== 'full' || body.status === 'cancelled'
  if (!isCancelled || query.showDeleted) return true
  const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)
  return !query.singleEvents && series?.form === 'full' && series.body.status !== 'cancelled'
}

function matches({ content, iCalUID, updatedAt }: EventBody, query: ListQuery): boolean {
  if (query.eventTypes.length > 0 && !query.eventTypes.includes(content.eventType ?? 'default')) return false
  if (query.iCalUID !== undefined && query.iCalUID !== iCalUID) return false
  if (query.updatedMin !== undefined && updatedAt < query.updatedMin) return false
  const texts = `${content.summary ?? ''} ${content.description ?? ''} ${content.location ?? ''}`
  return query.q === undefined || texts.toLowerCase().includes(query.q.toLowerCase())
}

function* rowsOfOccurrences(calendar: Calendar, query: ListQuery, after: Position, deps: ListDeps): Generator<Placed> {
  const until = query.timeMax ?? deps.now + deps.doubts.instancesAheadDays * DAY_MS
  const rows = [...calendar.entries.values()].flatMap((entry) => occurrencesOf(calendar, entry, until, deps.doubts))
  const places = rows
    .filter((row) => isListed(calendar, row, query) && isWithin(row, query, calendar))
    .map((row): Placed => [placeOf(row, calendar), row])
    .sort(([a], [b]) => comparePlaces(a, b))
  for (const one of places) if (after.length === 0 || comparePlaces(one[0], after) > 0) yield one
}

/** What stands for an entry where occurrences are listed: those of a series come with it, its exceptions too. */
function occurrencesOf(calendar: Calendar, { body, form }: Entry, until: number, doubts: Doubts): Row[] {
  if (body.recurrence) {
    return form === 'full' && body.status !== 'cancelled' ? rowsOfSeries(calendar, body, until, doubts) : []
  }
  const series = body.recurringEventId === undefined ? undefined : calendar.entries.get(body.recurringEventId)
  // An occurrence may still be somebody's whose series is not, or is not any more.
  const comesWithSeries = series?.form === 'full' && series.body.status !== 'cancelled'
  return comesWithSeries ? [] : [{ body, form }]
}

function* rowsOfDelta(
  calendar: Calendar,
  query: ListQuery,
  since: number,
  after: Position,
  deps: ListDeps,
): Generator<Placed> {
  const [revision = since, skipped = -1] = after.map(Number)
  // Half of what a series has may have been read: it goes on with the same entry.
  for (const entry of calendar.changedAfter(skipped >= 0 ? revision - 1 : revision)) {
    if (!matches(entry.body, query)) continue
    const rows = query.singleEvents ? changedOccurrencesOf(calendar, entry, deps) : [entry]
    for (const [index, row] of rows.entries()) {
      if (entry.revision === revision && index <= skipped) continue
      if (isSeriesOrRowWithin(row, query, calendar, deps)) yield [[entry.revision, index], row]
    }
  }
}

/** A touched series comes with all of its occurrences, as far ahead as Google goes: not only those of the first listing's range. */
function changedOccurrencesOf(calendar: Calendar, entry: Entry, { doubts, now }: ListDeps): Row[] {
  const { body, form } = entry
  if (!body.recurrence) return [entry]
  const until = now + doubts.instancesAheadDays * DAY_MS
  const rows = rowsOfSeries(calendar, body, until, doubts)
  if (form === 'full' && body.status !== 'cancelled') return rows
  return rows.map((row): Row => ({ body: { ...row.body, status: 'cancelled' }, form: 'gone_instance' }))
}

function isSeriesOrRowWithin(row: Row, query: ListQuery, calendar: Calendar, deps: ListDeps): boolean {
  const { body, form } = row
  if (query.timeMin === undefined && query.timeMax === undefined) return true
  if (!body.recurrence || form !== 'full' || deps.doubts.mastersInWindow === 'first_occurrence') {
    return isWithin(row, query, calendar)
  }
  const until = query.timeMax ?? deps.now + deps.doubts.instancesAheadDays * DAY_MS
  return startsOf(body, until, calendar, deps.doubts).some((start) =>
    isWithin({ body: { ...body, start, end: endAfter(body, start) }, form }, query, calendar),
  )
}

/** It ends after the lower bound and starts before the upper one. */
function isWithin({ body }: Row, { timeMin, timeMax }: ListQuery, { timeZone }: Calendar): boolean {
  if (timeMin !== undefined && instantOfWhen(body.end, timeZone) <= timeMin) return false
  return timeMax === undefined || instantOfWhen(body.start, timeZone) < timeMax
}

function placeOf({ body }: Row, { timeZone }: Calendar): Position {
  return [instantOfWhen(body.start, timeZone), body.id]
}

function comparePlaces([aAt = 0, aId = '']: Position, [bAt = 0, bId = '']: Position): number {
  return Number(aAt) - Number(bAt) || (aId < bId ? -1 : aId > bId ? 1 : 0)
}

const written = new WeakMap<EventBody, { key: string; text: string }>()

function writePage(
  calendar: Calendar,
  role: Role,
  query: ListQuery,
  doubts: Doubts,
  rows: readonly Row[],
  next: { nextPageToken?: string; nextSyncToken?: string },
): string {
  const timeZone = query.timeZone ?? calendar.timeZone
  const view: View = { calendar, role, doubts, timeZone, maxAttendees: query.maxAttendees }
  const head = {
    kind: 'calendar#events',
    etag: `"p${calendar.head}"`,
    summary: calendar.name,
    updated: new Date(calendar.updatedAt).toISOString(),
    timeZone,
    accessRole: role,
    defaultReminders: [],
    ...next,
  }
  const text = JSON.stringify(applyMask(head, query.fields))
  const itemMask = query.fields === undefined ? null : (query.fields.get('items') ?? query.fields.get('*'))
  if (itemMask === undefined) return text
  const key = JSON.stringify([calendar.id, role, timeZone, query.maxAttendees, query.fieldsText])
  const items = rows.map((row) => writeRow(row, view, itemMask, key)).join(',')
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"items":[${items}]}`
}

/** The text of an event is made once for as long as nobody changes it and it is asked for in the same way. */
function writeRow(row: Row, view: View, mask: Mask | null, key: string): string {
  const known = written.get(row.body)
  const fullKey = `${row.form}${key}`
  if (known?.key === fullKey) return known.text
  const text = JSON.stringify(applyMask(writeEvent(row, view), mask))
  written.set(row.body, { key: fullKey, text })
  return text
}
