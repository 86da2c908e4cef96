import { translateDatabaseError } from '../../../../platform/db/index.ts'
import { findReader } from '../../reader.ts'
import type { WebContext } from '../../route.ts'
import { findVisitor } from '../../visitor.ts'
import type { WebDeps } from '../../web-deps.ts'
import { followTranscript } from './follow-transcript.tsx'
import { readerOf } from './reader-of.ts'

/** Sends what happens to a transcript while it is written, from the Last-Event-ID, or `after=` at first. */
export function streamTranscript(c: WebContext, deps: WebDeps): Response {
  const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }
  if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers)
  const meetingId = readerOf(c).meeting.id
  const watch = deps.transcripts.feed.watch(meetingId)
  const frames = followTranscript(deps, {
    meetingId,
    afterSeq: readSeq(c.req.header('last-event-id') ?? c.req.query('after')),
    watch,
    requireReader: async () => findReader(c, deps, await findVisitor(c, deps)),
  })
  const encoder = new TextEncoder()
  let isLeft = false
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await frames.next()
        // Who left takes nothing more, and nothing is wrong with that.
        if (isLeft) return
        if (!done) return controller.enqueue(encoder.encode(value))
      } catch (thrown) {
        if (isLeft) return
        deps.log.warn('A live transcript was interrupted', { meetingId, error: translateDatabaseError(thrown) })
      }
      watch[Symbol.dispose]()
      controller.close()
    },
    cancel() {
      isLeft = true
      watch[Symbol.dispose]()
    },
  })
  return c.body(body, 200, headers)
}

function readSeq(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0
}
