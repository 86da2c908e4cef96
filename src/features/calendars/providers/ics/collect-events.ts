import { createHash } from 'node:crypto'
import { cleanLine } from '../../../../base/text.ts'
import type { SourceProblem } from '../../event.ts'
import { resolveTimeZone } from '../../time-zones/resolve-time-zone.ts'
import type { ZoneDefinition } from '../../time-zones/zone-definition.ts'
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
  /** Sorts older revisions before newer ones. */
  rank: string
  tzids: readonly string[]
  /** The kept lines, joined by newlines. */
  text: string
  resolveZone: (tzid: string) => string | undefined
}

export interface CollectedFeed {
  name: string | null
  timeZone: string | null
  draftsByUid: Map<string, Draft[]>
  problems: SourceProblem[]
}

/** Collects the events of a feed by UID, with no more of each than its kept lines. */
export function createFeedCollector(now: Date): { visitor: FeedVisitor; result(): CollectedFeed } {
  const draftsByUid = new Map<string, Draft[]>()
  const problems: SourceProblem[] = []
  const titles: Record<'name' | 'timeZone', string> = { name: '', timeZone: '' }
  let method = ''
  let definitions = new Map<string, ZoneDefinition>()
  let resolveZone: Draft['resolveZone'] = () => undefined
  const ownZone = () =>
    titles.timeZone === '' ? undefined : resolveTimeZone(titles.timeZone, definitions.get(titles.timeZone), { now })

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
      if (!definitions.has(id) && definitions.size < MAX_ZONES) definitions.set(id, definition)
    },
    event(lines, isWhole) {
      if (!isWhole) {
        problems.push(describeCutEvent(lines))
        return
      }
      const { uid, draft } = createDraft(lines, method === 'CANCEL', resolveZone)
      const drafts = draftsByUid.get(uid)
      if (drafts) drafts.push(draft)
      else draftsByUid.set(uid, [draft])
    },
  }
  return {
    visitor,
    result: () => ({ name: cleanLine(titles.name, 200) || null, timeZone: ownZone() ?? null, draftsByUid, problems }),
  }
}

/** Zones are looked for once per calendar, not once per event. */
function createZoneResolver(
  definitions: ReadonlyMap<string, ZoneDefinition>,
  now: Date,
  ownZone: () => string | undefined,
): Draft['resolveZone'] {
  const known = new Map<string, string | undefined>()
  return (tzid) => {
    if (!known.has(tzid) && known.size < MAX_ZONES) {
      const own = ownZone()
      known.set(tzid, resolveTimeZone(tzid, definitions.get(tzid), { now, preferred: own === undefined ? [] : [own] }))
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
  for (const line of lines) {
    const name = propertyNameOf(line)
    if (name in values) values[name as keyof typeof values] ||= firstValueOf(line)
    const count = counts.get(name) ?? 0
    if (!isKept(name, count) || (isCancelled && name === 'STATUS')) continue
    counts.set(name, count + 1)
    if (name !== 'UID') kept.push(line)
    if (tzids.size < MAX_ZONES && /;TZID=/i.test(line)) addZone(line, tzids)
  }
  if (isCancelled) kept.push('STATUS:CANCELLED')
  const body = kept.join('\n').toWellFormed().replaceAll('\0', '')
  const uid = cleanLine(values.UID, 1_000) || `no-uid-${createHash('sha256').update(body).digest('hex').slice(0, 32)}`
  const sequence = /^\d{1,9}$/.test(values.SEQUENCE) ? values.SEQUENCE : '0'
  const rank = `${sequence.padStart(9, '0')} ${values['LAST-MODIFIED'] || values.DTSTAMP}`
  return { uid, draft: { recurrenceId: values['RECURRENCE-ID'], rank, tzids: [...tzids], text: body, resolveZone } }
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
