import {
  type ReadRecurrence,
  readRecurrence as readProperties,
} from '../../../../formats/recurrence/read-recurrence.ts'
import type { ParsedEvent, ParsedItem } from './parse-item.ts'

const PROPERTIES = ['RRULE', 'EXRULE', 'RDATE', 'EXDATE']

/** Whether a VEVENT is a series by its own lines. */
export function isSeries(event: ParsedEvent): boolean {
  return event.component.first('RRULE') !== undefined || event.component.first('RDATE') !== undefined
}

/** When the series takes place, from the properties of its master. */
export function readRecurrence(master: ParsedEvent, item: ParsedItem): ReadRecurrence {
  const properties = PROPERTIES.flatMap((name) => master.component.all(name))
  const recurrence = readProperties(master.start, properties, item.context)
  if (recurrence.hasUnreadableDates) item.faults.add('dates_unreadable')
  return recurrence
}
