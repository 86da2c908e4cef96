import type { FoundZone } from '../../../../formats/time-zones/resolve-time-zone.ts'
import type { SourceProblem } from '../../event.ts'
import type { SourceItem } from '../provider.ts'
import type { Draft } from './collect-events.ts'
import { boundsOfItem } from './item-bounds.ts'
import { formatContent, hashContent, type ItemNote, type ItemParts, OLDER_PROPERTY } from './item-content.ts'
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
  const { newest, notes } = keepNewest(drafts)
  const sequence = newest.reduce((most, draft) => (isException(draft) ? most : Math.max(most, draft.sequence)), 0)
  const parts: ItemParts = {
    zones: resolveZones(newest),
    notes,
    events: newest.map((draft) => {
      const mark = isException(draft) && draft.sequence < sequence ? `\n${OLDER_PROPERTY}:1` : ''
      return `UID:${escapeText(uid)}\n${draft.text}${mark}`
    }),
  }
  const content = formatContent(parts)
  const parsed = parseItem(content, timeZone)
  const bounds = boundsOfItem(parsed)
  if (bounds === undefined) {
    const message = 'The event has no start that can be read (DTSTART) and was left out.'
    return { item: null, problems: [{ code: 'event_without_start', message, ...whatIsAffected(parsed), uid }] }
  }
  const isRecurring =
    parsed.exceptions.length > 0 || [parsed.master, ...parsed.others].some((one) => one && isSeries(one))
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

function isException(draft: Draft): boolean {
  return draft.recurrenceId !== ''
}

/**
 * Of several revisions of the same occurrence the newest: highest SEQUENCE, then the latest change, then the later in the file. VEVENTs of one
 * SEQUENCE that are no exceptions and start at different times are no revisions of each other, and all are kept.
 */
function keepNewest(drafts: readonly Draft[]): { newest: Draft[]; notes: ItemNote[] } {
  if (drafts.length === 1) return { newest: [...drafts], notes: [] }
  const byRank = drafts.toSorted((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  const sequence = byRank.findLast((draft) => !isException(draft))?.sequence
  const newest = new Map<string, Draft>()
  const notes = new Set<ItemNote>()
  for (const draft of byRank) {
    if (!isException(draft) && draft.sequence !== sequence) continue
    const key = isException(draft) ? draft.recurrenceId : `\n${draft.start}`
    const former = newest.get(key)
    if (former && former.rank === draft.rank && former.text !== draft.text) notes.add('unclear_revision')
    newest.delete(key)
    newest.set(key, draft)
  }
  return { newest: keepLatest([...newest.values()]), notes: [...notes] }
}

/** What is beyond the limit is left out, the earliest first; the series itself stays. */
function keepLatest(drafts: Draft[]): Draft[] {
  if (drafts.length <= MAX_EXCEPTIONS) return drafts
  const master = drafts.findLast((draft) => !isException(draft))
  const others = drafts.filter((draft) => draft !== master)
  const dateOf = (draft: Draft) => draft.recurrenceId || draft.start.slice(draft.start.lastIndexOf(':') + 1)
  const latest = others.sort((a, b) => (dateOf(a) < dateOf(b) ? 1 : -1)).slice(0, MAX_EXCEPTIONS)
  return master ? [master, ...latest] : latest
}

function resolveZones(drafts: readonly Draft[]): Map<string, FoundZone> {
  const zones = new Map<string, FoundZone>()
  for (const draft of drafts) {
    for (const tzid of draft.tzids) {
      const found = draft.resolveZone(tzid)
      if (found !== undefined && (found.zone !== tzid || found.isGuess)) zones.set(tzid, found)
    }
  }
  return zones
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, (character) => `\\${character}`)
}
