import { readInput, type SyncContext } from './context.ts'
import { draftEvent } from './draft-event.ts'
import { nothing } from './writer.ts'

const MAX_EVENTS = 500

/** Plans what takes place in the window before everything is listed, which may take long. What is planned already stays as it is. */
export async function planWindow(context: SyncContext): Promise<void> {
  const { deps, provider, window, writer } = context
  const pages = provider.listWindow?.({ ...readInput(context), window }) ?? []
  for await (const { events } of pages) {
    for (let i = 0; i < events.length; i += MAX_EVENTS) {
      const drafts = events.slice(i, i + MAX_EVENTS).map((event) => draftEvent(deps, event))
      await writer.write({ ...nothing, keepsOthers: true, drafts })
    }
  }
}
