import { DAY_MS } from '../../../../base/time.ts'
import { type Duration, endOf, longest } from '../../../../formats/recurrence/duration.ts'
import { expandRecurrence } from '../../../../formats/recurrence/expand-recurrence.ts'
import type { RuleProblem } from '../../../../formats/recurrence/expand-rule.ts'
import { keyOf, type Moment, wallOf, withWall } from '../../../../formats/recurrence/moment.ts'
import type { Window } from '../../../../formats/recurrence/window.ts'
import type { ParsedEvent, ParsedException, ParsedItem } from './parse-item.ts'
import { isSeries, readRecurrence } from './read-recurrence.ts'

/** One of the instances of a series, or an event by itself, before its texts and people are read. */
export interface Instance {
  /** The VEVENT that describes it. */
  event: ParsedEvent
  key: string
  startsAt: number
  endsAt: number
  isCancelled: boolean
}

/** How far outside the window occurrences are looked for that last long or were moved with RANGE=THISANDFUTURE. */
const MAX_REACH_MS = 400 * DAY_MS

/** The occurrences of one UID that overlap the window, moved and cancelled ones included. */
export function listOccurrences(
  item: ParsedItem,
  window: Window,
): { occurrences: Instance[]; problems: RuleProblem[] } {
  const occurrences: Instance[] = []
  const problems: RuleProblem[] = []
  const isAllCancelled = item.master?.isCancelled ?? false
  const add = (event: ParsedEvent, key: string, start: Moment, duration: Duration) => {
    const endsAt = endOf(start, duration)
    if (!isWithin(start.at, endsAt, window)) return
    occurrences.push({ event, key, startsAt: start.at, endsAt, isCancelled: event.isCancelled || isAllCancelled })
  }

  const overruled = findOverruled(item, window)
  const exceptions = item.exceptions.filter((exception) => !overruled.has(exception))
  for (const exception of exceptions) add(exception, keyOf(exception.original), exception.start, exception.duration)
  const excepted = new Set(exceptions.map((exception) => exception.original.at))
  const masters = item.master === null ? [] : [item.master, ...item.others]
  const isPlain = masters.length === 1 && exceptions.length === 0
  for (const master of masters) {
    if (isSeries(master)) problems.push(...addSeries(item, master, window, excepted, add))
    else if (!excepted.has(master.start.at))
      add(master, isPlain ? '' : keyOf(master.start), master.start, master.duration)
  }
  return { occurrences: uniqueByKey(occurrences).sort((a, b) => a.startsAt - b.startsAt), problems }
}

type Add = (event: ParsedEvent, key: string, start: Moment, duration: Duration) => void

/** Exceptions come first, and where several VEVENTs of one UID say the same time, the first says what happens. */
function uniqueByKey(occurrences: readonly Instance[]): Instance[] {
  const byKey = new Map<string, Instance>()
  for (const occurrence of occurrences) if (!byKey.has(occurrence.key)) byKey.set(occurrence.key, occurrence)
  return [...byKey.values()]
}

/** Exceptions that belong to a state of the series that is over: it was changed since, and has no such occurrence any more. */
function findOverruled(item: ParsedItem, window: Window): ReadonlySet<ParsedException> {
  const { master } = item
  const older = item.exceptions.filter(
    (one) => one.isOlder && isWithin(one.start.at, endOf(one.start, one.duration), window),
  )
  if (older.length === 0 || master === null || !isSeries(master)) return new Set()
  const originals = older.map((exception) => exception.original.at).sort((a, b) => a - b)
  const span = { from: new Date(originals[0] ?? 0), to: new Date((originals.at(-1) ?? 0) + 1) }
  const { starts, problems } = expandRecurrence(readRecurrence(master, item), span)
  if (problems.length > 0) return new Set()
  const standing = new Set(starts.map((start) => start.at))
  return new Set(older.filter((exception) => !standing.has(exception.original.at)))
}

function isWithin(startsAt: number, endsAt: number, window: Window): boolean {
  return endsAt > window.from.getTime() && startsAt < window.to.getTime()
}

function addSeries(
  item: ParsedItem,
  master: ParsedEvent,
  window: Window,
  excepted: ReadonlySet<number>,
  add: Add,
): RuleProblem[] {
  const recurrence = readRecurrence(master, item)
  const following = item.exceptions
    .filter((exception) => exception.isFollowing)
    .sort((a, b) => a.original.at - b.original.at)
  const { starts, problems } = expandRecurrence(recurrence, widen(window, item, [...recurrence.ownDurations.values()]))

  for (const original of starts) {
    if (excepted.has(original.at)) continue
    const changed = following.findLast((exception) => exception.original.at < original.at)
    if (changed) add(changed, keyOf(original), shiftAlong(changed, original), changed.duration)
    else add(master, keyOf(original), original, recurrence.ownDurations.get(original.at) ?? master.duration)
  }
  return problems
}

/** Where the change of an earlier occurrence puts this one: as far from the changed start as the originals are apart, by the wall clock. */
function shiftAlong(changed: ParsedException, original: Moment): Moment {
  return withWall(changed.start, wallOf(changed.start) + wallOf(original) - wallOf(changed.original))
}

function widen(window: Window, item: ParsedItem, ownDurations: readonly Duration[]): Window {
  const events = [
    ...(item.master ? [item.master, ...item.others] : []),
    ...item.exceptions.filter((exception) => exception.isFollowing),
  ]
  const durations = [...events.map((event) => event.duration), ...ownDurations].map(longest)
  const shifts = item.exceptions.filter((e) => e.isFollowing).map((e) => e.start.at - e.original.at)
  // A day more on both sides, because shifts follow the wall clock.
  const margin = shifts.length > 0 ? DAY_MS : 0
  const reach = (ms: number) => Math.min(MAX_REACH_MS, ms + margin)
  return {
    from: new Date(window.from.getTime() - reach(largest(durations) + Math.max(0, largest(shifts)))),
    to: new Date(window.to.getTime() + reach(Math.max(0, largest(shifts.map((shift) => -shift))))),
  }
}

function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), values[0] ?? 0)
}
