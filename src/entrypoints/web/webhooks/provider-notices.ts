import type { NoticeReader } from '../../../features/calendars/index.ts'
import { translateDatabaseError } from '../../../platform/db/index.ts'
import { noteOutage } from '../note-outage.ts'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'
import { countWrong, refuseTooMany } from './slow-down-notices.ts'

type NoticeDeps = Pick<WebDeps, 'receiveNotice' | 'metrics' | 'log' | 'clock'>

/**
 * Notices from a provider that something changed in calendars. Marks the calendars, wakes their sync and answers. A notice that is not
 * believed is counted and answered alike: whoever guesses learns nothing, and no provider sends it again.
 */
export function receiveNoticesOf(reader: NoticeReader): (c: WebContext, deps: NoticeDeps) => Promise<Response> {
  return async (c, deps) => {
    const reading = await reader.read({
      header: (name) => c.req.header(name),
      query: (name) => c.req.query(name),
      body: () => c.req.text(),
    })
    if (reading.kind === 'unreadable') return c.text(reading.message, 400)
    const refusal = refuseTooMany(c)
    if (refusal) return refusal
    if (reading.kind === 'answer') return c.text(reading.text)
    try {
      // Taken together they are stored together.
      const outcomes = await Promise.all(reading.notices.map((notice) => deps.receiveNotice(notice)))
      for (const outcome of outcomes) {
        deps.metrics.countPushNotice({ outcome })
        if (outcome !== 'heard' && outcome !== 'opened' && outcome !== 'calendar_gone') countWrong(c)
      }
      return c.body(null, 204)
    } catch (error) {
      deps.metrics.countPushNotice({ outcome: 'not_stored' })
      noteOutage(
        deps,
        'A notice of a change could not be stored; the provider sends it again',
        translateDatabaseError(error),
      )
      return c.text('Not stored. Please send it again.', 503, { 'Retry-After': '10' })
    }
  }
}
