import { createHash } from 'node:crypto'
import { isTimeZone } from '../../../../base/time.ts'
import { isOwnZone } from '../../../../formats/time-zones/own-zone.ts'
import type { FoundZone } from '../../../../formats/time-zones/resolve-time-zone.ts'
import { type Component, createComponent } from './component.ts'
import { unfoldLines } from './content-lines.ts'
import { parseProperty } from './property.ts'

/** What is stored of one UID: its VEVENTs, and what the feed's zone names were found to mean. */
export interface ItemParts {
  /** By TZID. */
  zones: ReadonlyMap<string, FoundZone>
  /** What was noticed when the revisions were compared. */
  notes: readonly ItemNote[]
  /** The kept lines of each VEVENT, joined by newlines, the oldest revision first. */
  events: readonly string[]
}

/** `unclear_revision`: of several VEVENTs for one occurrence none says that it is the newer one. */
export type ItemNote = 'unclear_revision'

const ZONE_PROPERTY = 'X-RAPPORTEUR-ZONE'
const NOTE_PROPERTY = 'X-RAPPORTEUR-NOTE'

/** Marks an exception that is older than its series: it stands only where the series still has its occurrence. */
export const OLDER_PROPERTY = 'X-RAPPORTEUR-OLDER'

/** Writes the parts as text: iCalendar again, unfolded, with a line for each zone instead of its definition. */
export function formatContent({ zones, notes, events }: ItemParts): string {
  return [
    'BEGIN:VCALENDAR',
    ...formatZones(zones),
    ...notes.map((note) => `${NOTE_PROPERTY}:${note}`),
    ...events.map((event) => `BEGIN:VEVENT\n${event}\nEND:VEVENT`),
    'END:VCALENDAR',
  ].join('\n')
}

/** Changes when, and only when, something changes that an occurrence is made from; the order of lines and events does not count. */
export function hashContent({ zones, notes, events }: ItemParts): string {
  const hash = createHash('sha256').update(JSON.stringify([...formatZones(zones), ...notes]))
  for (const event of events.map((text) => text.split('\n').sort().join('\n')).sort()) hash.update('\0').update(event)
  return hash.digest('base64url')
}

function formatZones(zones: ItemParts['zones']): string[] {
  return [...zones]
    .map(([tzid, { zone, isGuess }]) => {
      const params = `;TZID="${tzid.replaceAll('"', '')}"${isGuess ? ';X-GUESS=1' : ''}`
      return `${ZONE_PROPERTY}${params}:${zone}`
    })
    .sort()
}

/** Reads what `formatContent` wrote; a plain iCalendar text of one UID will do as well. */
export function parseContent(content: string): {
  zones: Map<string, FoundZone>
  notes: Set<string>
  components: Component[]
} {
  const zones = new Map<string, FoundZone>()
  const notes = new Set<string>()
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
    else if (line.startsWith(`${NOTE_PROPERTY}:`)) notes.add(line.slice(NOTE_PROPERTY.length + 1))
  }
  return { zones, notes, components }
}

function readZone(line: string, zones: Map<string, FoundZone>): void {
  const property = parseProperty(line)
  const tzid = property?.params.get('tzid')
  const zone = property?.values[0]
  if (tzid === undefined || zone === undefined || !(isTimeZone(zone) || isOwnZone(zone))) return
  zones.set(tzid, { zone, isGuess: property?.params.has('x-guess') ?? false })
}
