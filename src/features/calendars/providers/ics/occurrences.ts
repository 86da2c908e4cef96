import { DAY_MS } from '../../../../base/time.ts'
import type { Window } from '../../event.ts'
import { type Duration, endOf, longest } from '../../recurrence/duration.ts'
import { expandRecurrence } from '../../recurrence/expand-recurrence.ts'
import type { RuleProblem } from '../../recurrence/expand-rule.ts'
import { keyOf, type Moment, wallOf, withWall } from '../../recurrence/moment.ts'
import type { ParsedEvent, ParsedException, ParsedItem } from './parse-item.ts'
import { isSeries, readRecurrence } from './read-recurrence.ts'

/** One occurrence before its texts and people are read. */
export interface Occurrence {
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
): { occurrences: Occurrence[]; problems: RuleProblem[] } {
  const occurrences: Occurrence[] = []
  let problems: RuleProblem[] = []
  const isAllCancelled = item.master?.isCancelled ?? false
  const add = (event: ParsedEvent, key: string, start: Moment, duration: Duration) => {
    const endsAt = endOf(start, duration)
    if (endsAt <= window.from.getTime() || start.at >= window.to.getTime()) return
    occurrences.push({ event, key, startsAt: start.at, endsAt, isCancelled: event.isCancelled || isAllCancelled })
  }

  for (const exception of item.exceptions)
    add(exception, keyOf(exception.original), exception.start, exception.duration)
  if (item.master !== null && (isSeries(item.master) || item.exceptions.length > 0)) {
    problems = addSeries(item, item.master, window, add)
  } else if (item.master !== null) {
    add(item.master, '', item.master.start, item.master.duration)
  }
  return { occurrences: occurrences.sort((a, b) => a.startsAt - b.startsAt), problems }
}

type Add = (event: ParsedEvent, key: string, start: Moment, duration: Duration) => void

function addSeries(item: ParsedItem, master: ParsedEvent, window: Window, add: Add): RuleProblem[] {
  const recurrence = readRecurrence(master, item)
  const excepted = new Set(item.exceptions.map((exception) => exception.original.at))
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
    ...(item.master ? [item.master] : []),
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
