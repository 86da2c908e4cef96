import type { RecurrenceProperty } from './read-recurrence.ts'

/** A line of a series cannot sensibly be longer; in UTF-16 units. */
const MAX_LINE_LENGTH = 250_000
const NAMES = /^(RRULE|EXRULE|RDATE|EXDATE)(?=[;:])/i

/**
 * Takes a line such as `EXDATE;TZID=Europe/Berlin:20261123T090000,20261124T090000` apart. Null for a line that is not about recurrence
 * (`X-…`, DTSTART), undefined for one that should be and cannot be read.
 */
export function parseRecurrenceLine(line: string): RecurrenceProperty | null | undefined {
  const text = line.trim()
  const name = NAMES.exec(text)?.[1]?.toUpperCase()
  if (name === undefined) return /^(RRULE|EXRULE|RDATE|EXDATE)?$/i.test(text) ? undefined : null
  // The value has no colon of its own, whereas a zone may have some and lack its quotes: `TZID=tzone://Microsoft/Utc`.
  const colon = text.lastIndexOf(':')
  if (colon === -1 || text.length > MAX_LINE_LENGTH) return undefined
  const value = text.slice(colon + 1)
  const params = new Map<string, string>()
  for (const [, key = '', given = ''] of text.slice(name.length, colon).matchAll(/;([^=;]+)=("[^"]*"|[^;]*)/g)) {
    params.set(key.toLowerCase(), given.replaceAll('"', ''))
  }
  return { name, params, values: name.endsWith('RULE') ? [value] : value.split(',') }
}
