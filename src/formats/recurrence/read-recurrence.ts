import { type Duration, durationBetween, parseDuration } from './duration.ts'
import { normalise, type Recurrence } from './expand-recurrence.ts'
import type { Moment } from './moment.ts'
import { type DateProperty, readMomentValue, type ZoneContext } from './time-value.ts'

/** More single dates than this, or more single exclusions, are a slip or an attack. */
const MAX_DATES = 20_000

/** One RRULE, EXRULE, RDATE or EXDATE, taken apart. */
export interface RecurrenceProperty extends DateProperty {
  /** Upper case. */
  name: string
}

/** When a series takes place, with what its properties say besides. */
export interface ReadRecurrence extends Recurrence {
  /** Occurrences given as a period have their own duration; by start. */
  ownDurations: ReadonlyMap<number, Duration>
  /** Dates that cannot be read, or that are beyond MAX_DATES, were left out. */
  hasUnreadableDates: boolean
}

/** Reads a series from its start and its properties; others than the four are passed over. Zones nobody knows are noted in the context. */
export function readRecurrence(
  start: Moment,
  properties: readonly RecurrenceProperty[],
  context: ZoneContext,
): ReadRecurrence {
  const named = (name: string) => properties.filter((property) => property.name === name)
  const rules = (name: string) => named(name).map((property) => property.values[0] ?? '')
  const added = listValues(named('RDATE'))
  const excluded = listValues(named('EXDATE'))
  const ownDurations = new Map<number, Duration>()
  const dates: Moment[] = []
  const excludedDates: Moment[] = []
  let hasUnreadableDates = added.isCut || excluded.isCut

  for (const { value, tzid } of added.values) {
    const [startText = '', endText] = value.split('/')
    const read = (text: string) => readMomentValue(text, tzid, context, start.timeZone)?.moment
    const date = read(startText)
    if (date === undefined) {
      hasUnreadableDates = true
      continue
    }
    dates.push(date)
    const end = endText === undefined ? undefined : read(endText)
    const duration = end ? durationBetween(date, end) : parseDuration(endText ?? '')
    if (duration !== undefined) ownDurations.set(normalise(date, start).at, duration)
  }
  for (const { value, tzid } of excluded.values) {
    const read = readMomentValue(value, tzid, context, start.timeZone)
    if (read === undefined) hasUnreadableDates = true
    else excludedDates.push(read.moment)
  }
  return {
    start,
    rules: rules('RRULE'),
    exclusionRules: rules('EXRULE'),
    dates,
    excludedDates,
    ownDurations,
    hasUnreadableDates,
  }
}

interface ListedValue {
  value: string
  tzid: string | undefined
}

function listValues(properties: readonly RecurrenceProperty[]): { values: ListedValue[]; isCut: boolean } {
  const values = properties
    .flatMap((property) => property.values.map((value) => ({ value, tzid: property.params.get('tzid') })))
    .filter(({ value }) => value.trim() !== '')
  return { values: values.slice(0, MAX_DATES), isCut: values.length > MAX_DATES }
}
