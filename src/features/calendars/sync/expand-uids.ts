import { createBreather } from '../../../base/breather.ts'
import { isAppError } from '../../../base/errors.ts'
import type { EventReading } from '../calendar.ts'
import type { LinkTexts, SourceEvent, SourceProblem } from '../event.ts'
import { describeLeftOut, limitPerDay } from '../event-limits.ts'
import type { EventDraft } from '../event-store.ts'
import type { Expansion } from '../providers/provider.ts'
import { expandOptions, readInput, type SyncContext } from './context.ts'
import { draftEvent } from './draft-event.ts'

/** Events of one transaction at most, but for those of one UID, so that locks and memory stay bounded however large a calendar is. */
const MAX_EVENTS = 500

/** The occurrences of some UIDs, and what is wrong with them. */
interface Expanded {
  uids: string[]
  drafts: EventDraft[]
  problems: SourceProblem[]
  /** UIDs of which the provider should have been asked and did not answer. */
  unanswered: string[]
}

/**
 * Expands UIDs, in parts of bounded size; a UID is never cut. Series that we cannot expand for certain are asked of the provider, whose
 * passing failure is thrown, or, with `skipsUnanswered`, leaves their UID out.
 */
export async function* expandUids(
  context: SyncContext,
  contentsByUid: ReadonlyMap<string, readonly string[]>,
  timeZone: string | null,
  skipsUnanswered = false,
): AsyncGenerator<Expanded> {
  const breathe = createBreather()
  const options = expandOptions(context, timeZone)
  const readOnce = createReader(context)
  let part: Expanded = { uids: [], drafts: [], problems: [], unanswered: [] }
  for (const [uid, contents] of contentsByUid) {
    await breathe()
    const expansion = context.provider.expand(contents, options)
    const asked = await askForUnsure(context, expansion, options, skipsUnanswered)
    if (asked === undefined) {
      part.unanswered.push(uid)
      continue
    }
    const { kept, leftOut } = limitPerDay([...expansion.events, ...asked])
    const [first] = kept
    part.uids.push(uid)
    for (const event of kept) part.drafts.push(draftEvent({ readEvent: readOnce }, event))
    part.problems.push(...expansion.problems.map((problem) => ({ ...problem, uid })))
    if (first && leftOut > 0) part.problems.push({ ...describeLeftOut(first, leftOut, 'uid_day_full'), uid })
    if (part.drafts.length >= MAX_EVENTS) {
      yield part
      part = { uids: [], drafts: [], problems: [], unanswered: [] }
    }
  }
  if (part.uids.length > 0 || part.unanswered.length > 0) yield part
}

/** The occurrences of a series mostly share their texts, which are read once. */
function createReader({ deps }: SyncContext): (event: SourceEvent) => EventReading {
  const known = new WeakMap<LinkTexts, EventReading>()
  return (event) => {
    const reading = known.get(event.linkTexts) ?? deps.readEvent(event)
    known.set(event.linkTexts, reading)
    return reading
  }
}

async function askForUnsure(
  context: SyncContext,
  { unsure }: Expansion,
  options: ReturnType<typeof expandOptions>,
  skipsUnanswered: boolean,
): Promise<SourceEvent[] | undefined> {
  const events: SourceEvent[] = []
  for (const { seriesId, events: ours } of unsure) {
    try {
      const theirs = await context.provider.expandThere?.({ ...readInput(context), ...options, seriesId })
      events.push(...(theirs ?? ours))
    } catch (error) {
      if (!isAppError(error)) throw error
      // Not to be had at all: what we found ourselves is better than nothing.
      if (error.retry === 'never') events.push(...ours)
      else if (skipsUnanswered) return undefined
      else throw error
    }
  }
  return events
}
