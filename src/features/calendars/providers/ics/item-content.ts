import { createHash } from 'node:crypto'
import { isTimeZone } from '../../../../base/time.ts'
import { type Component, createComponent } from './component.ts'
import { unfoldLines } from './content-lines.ts'
import { parseProperty } from './property.ts'

/** What is stored of one UID: its VEVENTs, and what the feed's zone names were found to mean. */
export interface ItemParts {
  /** IANA zone (or offset) by TZID. */
  zones: ReadonlyMap<string, string>
  /** The kept lines of each VEVENT, joined by newlines, the oldest revision first. */
  events: readonly string[]
}

const ZONE_PROPERTY = 'X-RAPPORTEUR-ZONE'

/** Writes the parts as text: iCalendar again, unfolded, with a line for each zone instead of its definition. */
export function formatContent({ zones, events }: ItemParts): string {
  const zoneLines = [...zones]
    .sort()
    .map(([tzid, zone]) => `${ZONE_PROPERTY};TZID="${tzid.replaceAll('"', '')}":${zone}`)
  return [
    'BEGIN:VCALENDAR',
    ...zoneLines,
    ...events.map((event) => `BEGIN:VEVENT\n${event}\nEND:VEVENT`),
    'END:VCALENDAR',
  ].join('\n')
}

/** Changes when, and only when, something changes that an occurrence is made from; the order of lines and events does not count. */
export function hashContent({ zones, events }: ItemParts): string {
  const hash = createHash('sha256').update(JSON.stringify([...zones].sort()))
  for (const event of events.map((text) => text.split('\n').sort().join('\n')).sort()) hash.update('\0').update(event)
  return hash.digest('base64url')
}

/** Reads what `formatContent` wrote; a plain iCalendar text of one UID will do as well. */
export function parseContent(content: string): { zones: Map<string, string>; components: Component[] } {
  const zones = new Map<string, string>()
  const components: Component[] = []
  const open: string[] = []
  let lines: string[] = []
  for (const line of unfoldLines(content)) {
    const edge = /^(BEGIN|END):(\w+)\s*$/i.exec(line)
    const name = edge?.[2]?.toUpperCase() ?? ''
    if (edge?.[1]?.toUpperCase() === 'BEGIN') {
      if (name === 'VEVENT') lines = []
      open.push(name)
    } else if (edge) {
      if (name === 'VEVENT' && open.at(-1) === name) components.push(createComponent(lines))
      open.pop()
    } else if (open.at(-1) === 'VEVENT') lines.push(line)
    else if (line.startsWith(ZONE_PROPERTY)) readZone(line, zones)
  }
  return { zones, components }
}

function readZone(line: string, zones: Map<string, string>): void {
  const property = parseProperty(line)
  const tzid = property?.params.get('tzid')
  const zone = property?.values[0]
  if (tzid !== undefined && zone !== undefined && isTimeZone(zone)) zones.set(tzid, zone)
}
