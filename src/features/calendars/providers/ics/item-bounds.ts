import { DAY_MS } from '../../../../base/time.ts'
import { endOf, longest } from '../../../../formats/recurrence/duration.ts'
import { lastStartOf } from '../../../../formats/recurrence/last-start.ts'
import type { ParsedEvent, ParsedItem } from './parse-item.ts'
import { isSeries, readRecurrence } from './read-recurrence.ts'

/** Between which times an item can have occurrences; wider than the truth where that is cheaper, never narrower. */
interface ItemBounds {
  firstStartsAt: Date
  /** Null: no end, or none that is worth computing. */
  lastEndsAt: Date | null
}

/** Undefined if nothing in the item has a time. */
export function boundsOfItem(item: ParsedItem): ItemBounds | undefined {
  const masters = item.master ? [item.master, ...item.others] : []
  const events = [...masters, ...item.exceptions]
  if (events.length === 0) return undefined
  // Whole days, floating times and unknown zones are read in the calendar's zone, which may be another one when the item is expanded.
  const isGuessed =
    item.context.unknownZones.size + item.context.guessedZones.size > 0 || events.some((event) => event.zone === null)
  const slack = isGuessed ? DAY_MS : 0
  const starts = events.map((event) => event.start.at)
  const ends = events.map((event) => endOf(event.start, event.duration))
  let first = min(starts)
  let last: number | null = max(ends)
  for (const master of masters) {
    if (!isSeries(master)) continue
    const series = boundsOfSeries(item, master)
    first = Math.min(first, series.first)
    last = last === null || series.last === null ? null : Math.max(last, series.last)
  }
  return { firstStartsAt: toDate(first - slack), lastEndsAt: last === null ? null : toDate(last + slack) }
}

function boundsOfSeries(item: ParsedItem, master: ParsedEvent): { first: number; last: number | null } {
  const recurrence = readRecurrence(master, item)
  const following = item.exceptions.filter((exception) => exception.isFollowing)
  const shifts = following.map((exception) => exception.start.at - exception.original.at)
  const durations = [master, ...following].map((event) => longest(event.duration))
  const dates = recurrence.dates.map((date) => date.at)
  const last = max([master.start.at, ...dates, ...recurrence.rules.map((rule) => lastStartOf(rule, master.start))])
  const tail =
    max([...durations, ...[...recurrence.ownDurations.values()].map(longest)]) + Math.max(0, max([0, ...shifts]))
  return {
    first: min([master.start.at, ...dates]) + Math.min(0, min([0, ...shifts])) - DAY_MS,
    last: Number.isFinite(last) ? last + tail + DAY_MS : null,
  }
}

/** Dates far outside of what calendars can mean are brought back into what a database can store. */
function toDate(at: number): Date {
  return new Date(Math.min(Math.max(at, Date.UTC(0, 0, 1)), Date.UTC(9999, 11, 31)))
}

function min(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
}

function max(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
}
