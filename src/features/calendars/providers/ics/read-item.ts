import type { SourceProblem } from '../../event.ts'
import type { SourceItem } from '../provider.ts'
import type { Draft } from './collect-events.ts'
import { boundsOfItem } from './item-bounds.ts'
import { formatContent, hashContent, type ItemParts } from './item-content.ts'
import { parseItem } from './parse-item.ts'
import { whatIsAffected } from './problems.ts'
import { isSeries } from './read-recurrence.ts'

/** More exceptions of one series than this are not kept; the latest ones are. */
const MAX_EXCEPTIONS = 5_000

/** Makes one item of the VEVENTs that share a UID, or says why there is none. */
export function readItem(
  uid: string,
  drafts: readonly Draft[],
  timeZone: string,
): { item: SourceItem | null; problems: SourceProblem[] } {
  const newest = keepNewest(drafts)
  const parts: ItemParts = {
    zones: resolveZones(newest),
    events: newest.map((draft) => `UID:${escapeText(uid)}\n${draft.text}`),
  }
  const content = formatContent(parts)
  const parsed = parseItem(content, timeZone)
  const bounds = boundsOfItem(parsed)
  if (bounds === undefined) {
    const message = 'The event has no start that can be read (DTSTART) and was left out.'
    return { item: null, problems: [{ code: 'event_without_start', message, ...whatIsAffected(parsed), uid }] }
  }
  const isRecurring = parsed.exceptions.length > 0 || (parsed.master !== null && isSeries(parsed.master))
  return {
    item: {
      ...{
        id: uid,
        uid,
        seriesId: null,
        isHole: false,
        content,
        contentHash: hashContent(parts),
        isRecurring,
        ...bounds,
      },
      version: '',
    },
    problems: [],
  }
}

/** Of several revisions of the same occurrence the newest: highest SEQUENCE, then the latest change, then the later in the file. */
function keepNewest(drafts: readonly Draft[]): Draft[] {
  if (drafts.length === 1) return [...drafts]
  const newest = new Map<string, Draft>()
  for (const draft of drafts.toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0)))
    newest.set(draft.recurrenceId, draft)
  if (newest.size <= MAX_EXCEPTIONS)
    return [...newest.values()].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  const master = newest.get('')
  newest.delete('')
  const latest = [...newest.values()]
    .sort((a, b) => (a.recurrenceId < b.recurrenceId ? 1 : -1))
    .slice(0, MAX_EXCEPTIONS)
  return master ? [master, ...latest] : latest
}

function resolveZones(drafts: readonly Draft[]): Map<string, string> {
  const zones = new Map<string, string>()
  for (const draft of drafts) {
    for (const tzid of draft.tzids) {
      const zone = draft.resolveZone(tzid)
      if (zone !== undefined && zone !== tzid) zones.set(tzid, zone)
    }
  }
  return zones
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, (character) => `\\${character}`)
}
