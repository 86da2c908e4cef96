import { translateDatabaseError } from '../../../../platform/db/index.ts'
import { findReader } from '../../find-reader.ts'
import { findVisitor } from '../../find-visitor.ts'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { followTranscript } from './follow-transcript.ts'
import { readerOf } from './reader-of.ts'

/** Sends what happens to a transcript while it is written, from the Last-Event-ID, or `after=` at first. */
export function streamTranscript(c: WebContext, deps: WebDeps): Response {
  const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
  if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers)
  const { meeting, key } = readerOf(c)
  const meetingId = meeting.id
  const seat = c.get('knock')?.join(meetingId, key)
  if (!seat) throw new Error('This route is not declared as one that stays open')
  const frames = followTranscript({
    afterSeq: readSeq(c.req.header('last-event-id') ?? c.req.query('after')),
    seat,
    requireReader: async (now) => findReader(c, deps, await findVisitor(c, deps), async () => now),
  })
  let isCut = false
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await frames.next()
        // Who left takes nothing more, and nothing is wrong with that.
        if (isCut) return
        if (!done) return controller.enqueue(value)
      } catch (thrown) {
        if (isCut) return
        deps.log.warn('A live transcript was interrupted', { meetingId, error: translateDatabaseError(thrown) })
      }
      seat[Symbol.dispose]()
      controller.close()
    },
    cancel() {
      isCut = true
      seat[Symbol.dispose]()
    },
  })
  return c.body(body, 200, headers)
}

function readSeq(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0
}
