import { type Duration, durationBetween, parseDuration } from '../../recurrence/duration.ts'
import { normalise, type Recurrence } from '../../recurrence/expand-recurrence.ts'
import type { Moment } from '../../recurrence/moment.ts'
import type { ParsedEvent, ParsedItem } from './parse-item.ts'
import { readMomentValue } from './time-value.ts'

/** More single dates than this are no invitation. */
const MAX_DATES = 20_000

export interface IcsRecurrence extends Recurrence {
  /** Occurrences given as a period have their own duration; by start. */
  ownDurations: ReadonlyMap<number, Duration>
  hasUnreadableDates: boolean
}

/** Whether a VEVENT is a series by its own lines. */
export function isSeries(event: ParsedEvent): boolean {
  return event.component.first('RRULE') !== undefined || event.component.first('RDATE') !== undefined
}

/** When the series takes place, from the properties of its master. */
export function readRecurrence(master: ParsedEvent, item: ParsedItem): IcsRecurrence {
  const ownDurations = new Map<number, Duration>()
  const dates: Moment[] = []
  let hasUnreadableDates = false

  for (const { value, tzid } of listValues(master, 'RDATE')) {
    const [startText = '', endText] = value.split('/')
    const read = (text: string) => readMomentValue(text, tzid, item.context, master.start.timeZone)?.moment
    const start = read(startText)
    if (start === undefined) {
      hasUnreadableDates = true
      continue
    }
    dates.push(start)
    const end = endText === undefined ? undefined : read(endText)
    const duration = end ? durationBetween(start, end) : parseDuration(endText ?? '')
    if (duration !== undefined) ownDurations.set(normalise(start, master.start).at, duration)
  }

  const excludedDates: Moment[] = []
  for (const { value, tzid } of listValues(master, 'EXDATE')) {
    const read = readMomentValue(value, tzid, item.context, master.start.timeZone)
    if (read === undefined) hasUnreadableDates = true
    else excludedDates.push(read.moment)
  }
  const rules = (name: string) => master.component.all(name).map((property) => property.values[0] ?? '')
  return {
    start: master.start,
    rules: rules('RRULE'),
    exclusionRules: rules('EXRULE'),
    dates,
    excludedDates,
    ownDurations,
    hasUnreadableDates,
  }
}

function listValues(master: ParsedEvent, name: string): { value: string; tzid: string | undefined }[] {
  const values = master.component
    .all(name)
    .flatMap((property) => property.values.map((value) => ({ value, tzid: property.params.get('tzid') })))
  return values.filter(({ value }) => value.trim() !== '').slice(0, MAX_DATES)
}
