import { Readable } from 'node:stream'
import { AppError } from '../../../../base/errors.ts'
import { mayHearSound } from '../../../../features/transcripts/index.ts'
import { answerRange } from '../../../../formats/byte-range/answer-range.ts'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { readerOf } from './reader-of.ts'

/** The sound of a meeting, whole or a range of it: browsers seek by ranges, and some play nothing without. */
export async function answerAudio(c: WebContext, deps: WebDeps): Promise<Response> {
  const reader = readerOf(c)
  // Sound cannot be cut to what somebody heard.
  const audio = reader.heard ? undefined : await deps.audio?.open(reader.meeting.id)
  const mayHear = audio && (await mayHearSound(deps, audio.alsoOf, reader, deps.transcripts.sharing))
  if (!audio || !mayHear) throw new AppError('audio_missing', 'There is no sound of this meeting, or none any more.')
  const { sizeBytes, etag, contentType } = audio
  const { status, headers, body } = answerRange({
    method: c.req.raw.method,
    range: c.req.header('range'),
    ifRange: c.req.header('if-range'),
    sizeBytes,
    etag,
    contentType,
  })
  const stream = body === undefined ? null : Readable.toWeb(Readable.from(audio.read(body), { objectMode: false }))
  return c.newResponse(stream as ReadableStream | null, status, headers)
}
