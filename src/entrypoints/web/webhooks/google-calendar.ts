import type { PushNotice } from '../../../features/calendars/index.ts'
import { translateDatabaseError } from '../../../platform/db/index.ts'
import { noteOutage } from '../note-outage.ts'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'
import { countWrong, refuseTooMany } from './slow-down-notices.ts'

/**
 * A notice from Google that something changed in a calendar; there is nothing in its body. Marks the calendar, wakes its sync and
 * answers. A notice that is not believed is counted and answered alike: whoever guesses learns nothing, and Google does not send it again.
 */
export async function receiveGoogleNotice(c: WebContext, deps: WebDeps): Promise<Response> {
  const notice = readNotice(c)
  if (!notice) return c.text('This address takes notices of Google Calendar; their X-Goog- headers are missing.', 400)
  const refusal = refuseTooMany(c)
  if (refusal) return refusal
  try {
    const outcome = await deps.receiveNotice(notice)
    deps.metrics.countPushNotice({ outcome })
    if (outcome !== 'heard' && outcome !== 'opened' && outcome !== 'calendar_gone') countWrong(c)
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

// Source: developers.google.com/workspace/calendar/api/guides/push, read November 2026.
function readNotice(c: WebContext): PushNotice | undefined {
  const channelId = c.req.header('x-goog-channel-id')
  const resourceId = c.req.header('x-goog-resource-id')
  const state = c.req.header('x-goog-resource-state')
  if (!channelId || !resourceId || !state) return undefined
  const secret = c.req.header('x-goog-channel-token')
  return { channelId, secret, resourceId, kind: state === 'sync' ? 'sync' : 'changed' }
}
