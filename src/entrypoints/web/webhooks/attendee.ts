import { translateDatabaseError } from '../../../platform/db/index.ts'
import { noteOutage } from '../note-outage.ts'
import { readText } from '../read-body.ts'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'
import { notFound } from '../web-errors.ts'
import { countWrong, refuseTooMany } from './slow-down-notices.ts'

/**
 * A notice from the Attendee server that something happened to a bot: wakes whoever follows the bot, and answers. One that is not believed
 * is refused; all others are answered alike, whether they are news or not.
 */
export async function receiveNoticeOfAttendee(c: WebContext, deps: WebDeps): Promise<Response> {
  if (!deps.attendeeNotices) throw notFound()
  const refusal = refuseTooMany(c)
  if (refusal) return refusal
  const notice = { body: await readText(c), signature: c.req.header('x-webhook-signature') }
  try {
    const outcome = await deps.attendeeNotices.receive(notice)
    if (outcome !== 'not_believed') return c.body(null, 204)
    countWrong(c)
    return c.text('The signature is wrong.', 401)
  } catch (error) {
    const failure = translateDatabaseError(error)
    noteOutage(deps, 'A notice of the Attendee server could not be stored; it sends it again', failure)
    return c.text('Not stored. Please send it again.', 503, { 'Retry-After': '10' })
  }
}
