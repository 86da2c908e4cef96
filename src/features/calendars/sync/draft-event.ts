import type { SourceEvent } from '../event.ts'
import type { EventDraft } from '../event-store.ts'
import { withUsableEnd } from '../usable-end.ts'
import type { SyncDeps } from './deps.ts'

/** An event as it is to be stored, with its link read. */
export function draftEvent({ readEvent }: Pick<SyncDeps, 'readEvent'>, event: SourceEvent): EventDraft {
  const source = withUsableEnd(event)
  return { source, reading: readEvent(source) }
}
