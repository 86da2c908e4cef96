import { createHash } from 'node:crypto'
import { cleanLine } from '../../../../base/text.ts'
import { isOwnZone } from '../../../../formats/time-zones/own-zone.ts'
import { type FoundZone, findTimeZone } from '../../../../formats/time-zones/resolve-time-zone.ts'
import type { ZoneDefinition } from '../../../../formats/time-zones/zone-definition.ts'
import type { SourceProblem } from '../../event.ts'
import { excerptOf } from './check-calendar.ts'
import { isKept } from './kept-properties.ts'
import { parseProperty, propertyNameOf } from './property.ts'
import type { FeedVisitor } from './split-feed.ts'
import { parseVtimezone } from './vtimezone.ts'

/** Each definition may be compared with all zones there are, and each name takes a while to find out about; no calendar needs more. */
const MAX_ZONES = 200

/** One VEVENT as it is kept until the whole feed has been seen: its definitions of zones may come last. */
export interface Draft {
  /** As written; empty for a master. */
  recurrenceId: string
  /** DTSTART as written, with its zone. */
  start: string
  sequence: number
  /** Sorts older revisions before newer ones. */
  rank: string
  tzids: readonly string[]
  /** The kept lines, joined by newlines. */
  text: string
  resolveZone: (tzid: string) => FoundZone | undefined
}

interface CollectedFeed {
  name: string | null
  timeZone: string | null
  draftsByUid: Map<string, Draft[]>
  problems: SourceProblem[]
}

/** Collects the events of a feed by UID, with no more of each than its kept lines. */
export function createFeedCollector(now: Date): { visitor: FeedVisitor; result(): CollectedFeed } {
  const draftsByUid = new Map<string, Draft[]>()
  const problems: SourceProblem[] = []
  const strays = new Map<'within' | 'behind', string>()
  const titles: Record<'name' | 'timeZone', string> = { name: '', timeZone: '' }
  let method = ''
  let definitions: ZoneDefinitions = new Map()
  let resolveZone: Draft['resolveZone'] = () => undefined
  let hasFloatingTimes = false
  const ownZone = () =>
    titles.timeZone === ''
      ? undefined
      : findTimeZone(titles.timeZone, definitionOf(definitions, titles.timeZone), { now })?.zone

  const visitor: FeedVisitor = {
    calendarBegins() {
      method = ''
      definitions = new Map()
      resolveZone = createZoneResolver(definitions, now, ownZone)
    },
    calendarLine(name, line) {
      if (name === 'METHOD') method = firstValueOf(line).toUpperCase()
      if (name === 'X-WR-CALNAME') titles.name ||= firstValueOf(line)
      if (name === 'NAME') titles.name ||= firstValueOf(line)
      if (name === 'X-WR-TIMEZONE' || name === 'TIMEZONE-ID') titles.timeZone ||= firstValueOf(line)
    },
    zone(lines) {
      const { id, definition } = parseVtimezone(lines)
      const name = plainZoneName(id)
      if (!definitions.has(name) && definitions.size < MAX_ZONES) definitions.set(name, definition)
    },
    event(lines, isWhole) {
      if (!isWhole) {
        problems.push(describeCutEvent(lines))
        return
      }
      const { uid, draft } = createDraft(lines, method === 'CANCEL', resolveZone)
      hasFloatingTimes ||= FLOATING.test(draft.start)
      const drafts = draftsByUid.get(uid)
      if (drafts) drafts.push(draft)
      else draftsByUid.set(uid, [draft])
    },
    strayLine(line, where) {
      if (!strays.has(where)) strays.set(where, line)
    },
  }
  const zoneOfCalendar = () => {
    const own = ownZone()
    if (own !== undefined && !isOwnZone(own)) return own
    if (!hasFloatingTimes) return null
    const only = definitions.size === 1 ? resolveZone([...definitions.keys()][0] ?? '')?.zone : undefined
    const zone = only === undefined || isOwnZone(only) ? null : only
    problems.push(describeFloating(zone))
    return zone
  }
  return {
    visitor,
    result() {
      for (const [where, line] of strays) problems.push(describeStray(line, where))
      return {
        name: cleanLine(titles.name, 200) || null,
        timeZone: zoneOfCalendar(),
        draftsByUid,
        problems,
      }
    },
  }
}

/** A time without a zone and without the Z of UTC. */
const FLOATING = /^[^;:]*(?:;(?!TZID=)[^;:]*)*:\d{8}T\d{4,6}\s*$/i

/** By plain name, see `plainZoneName`. */
type ZoneDefinitions = Map<string, ZoneDefinition>

/** Where a zone is defined and where it is used the same name may be quoted, escaped or capitalised otherwise. */
function plainZoneName(name: string): string {
  return name.replaceAll(/["\\]/g, '').trim().toLowerCase()
}

/** Some programs write the parameters that follow into the quotes of the zone: `TZID="local;VALUE=DATE-TIME"`. */
function definitionOf(definitions: ZoneDefinitions, tzid: string): ZoneDefinition | undefined {
  const name = plainZoneName(tzid)
  return definitions.get(name) ?? definitions.get(name.split(';', 1)[0]?.trim() ?? '')
}

/** Zones are looked for once per calendar, not once per event. */
function createZoneResolver(
  definitions: ZoneDefinitions,
  now: Date,
  ownZone: () => string | undefined,
): Draft['resolveZone'] {
  const known = new Map<string, FoundZone | undefined>()
  return (tzid) => {
    if (!known.has(tzid) && known.size < MAX_ZONES) {
      const own = ownZone()
      const preferred = own === undefined ? [] : [own]
      known.set(tzid, findTimeZone(tzid, definitionOf(definitions, tzid), { now, preferred }))
    }
    return known.get(tzid)
  }
}

function createDraft(
  lines: readonly string[],
  isCancelled: boolean,
  resolveZone: Draft['resolveZone'],
): { uid: string; draft: Draft } {
  const kept: string[] = []
  const counts = new Map<string, number>()
  const tzids = new Set<string>()
  const values = { UID: '', 'RECURRENCE-ID': '', SEQUENCE: '', 'LAST-MODIFIED': '', DTSTAMP: '' }
  let start = ''
  for (const line of lines) {
    const name = propertyNameOf(line)
    if (name in values) values[name as keyof typeof values] ||= firstValueOf(line)
    if (name === 'DTSTART') start ||= line
    const count = counts.get(name) ?? 0
    if (!isKept(name, count) || (isCancelled && name === 'STATUS') || isUsualBusyTime(name, line)) continue
    counts.set(name, count + 1)
    if (name !== 'UID') kept.push(line)
    if (tzids.size < MAX_ZONES && /;TZID=/i.test(line)) addZone(line, tzids)
  }
  if (isCancelled) kept.push('STATUS:CANCELLED')
  const text = kept.join('\n').toWellFormed().replaceAll('\0', '')
  const uid = cleanLine(values.UID, 1_000) || `no-uid-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  const sequence = /^\d{1,9}$/.test(values.SEQUENCE) ? Number(values.SEQUENCE) : 0
  const rank = `${String(sequence).padStart(9, '0')} ${values['LAST-MODIFIED'] || values.DTSTAMP}`
  const draft = { recurrenceId: values['RECURRENCE-ID'], start, sequence, rank, tzids: [...tzids], text, resolveZone }
  return { uid, draft }
}

/** Of the time that an event takes from its people only "none" says something. */
function isUsualBusyTime(name: string, line: string): boolean {
  return name === 'TRANSP' && !/:\s*TRANSPARENT\s*$/i.test(line)
}

function addZone(line: string, tzids: Set<string>): void {
  const tzid = parseProperty(line)?.params.get('tzid')
  if (tzid) tzids.add(tzid)
}

function firstValueOf(line: string): string {
  return parseProperty(line)?.values[0]?.trim() ?? ''
}

function describeCutEvent(lines: readonly string[]): SourceProblem {
  const find = (name: string) => {
    const line = lines.find((candidate) => propertyNameOf(candidate) === name)
    return line === undefined ? null : cleanLine(firstValueOf(line), 200) || null
  }
  const isOpen = !/^(PRIVATE|CONFIDENTIAL)$/i.test(find('CLASS') ?? '')
  return {
    code: 'event_unreadable',
    message: 'The event is cut off in the calendar file (END:VEVENT is missing) and was left out.',
    uid: find('UID'),
    title: isOpen ? find('SUMMARY') : null,
  }
}

function describeStray(line: string, where: 'within' | 'behind'): SourceProblem {
  const message =
    where === 'within'
      ? `Within the calendar stands what seems to be an error message of its server (${excerptOf(line)}); it was passed over, and events may be missing.`
      : `Behind the end of the calendar stands something else (${excerptOf(line)}), perhaps an error message of its server; it was passed over.`
  return { code: 'stray_text', message, uid: null, title: null }
}

function describeFloating(zone: string | null): SourceProblem {
  const message =
    zone === null
      ? 'Some events give times without a zone, and the calendar names none; they were read in the zone of TIME_ZONE and may be wrong.'
      : `Some events give times without a zone, and the calendar names none for itself; they were read in the only zone that it describes (${zone}).`
  return { code: 'time_zone_guessed', message, uid: null, title: null }
}
