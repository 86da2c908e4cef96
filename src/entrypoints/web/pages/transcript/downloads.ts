import { dayOf } from '../../../../base/time.ts'
import { fileNameOf, writeText, writeVtt } from '../../../../features/transcripts/index.ts'
import { readZone } from '../../read-query.ts'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { readView } from './read-view.ts'
import { readerOf } from './reader-of.ts'

export function answerText(c: WebContext, deps: WebDeps): Promise<Response> {
  return answerFile(c, deps, { extension: 'txt', contentType: 'text/plain; charset=utf-8', write: writeText })
}

export function answerVtt(c: WebContext, deps: WebDeps): Promise<Response> {
  return answerFile(c, deps, { extension: 'vtt', contentType: 'text/vtt; charset=utf-8', write: writeVtt })
}

interface FileKind {
  extension: 'txt' | 'vtt'
  contentType: string
  write: (...input: Parameters<typeof writeText>) => string
}

async function answerFile(
  c: WebContext,
  deps: WebDeps,
  { extension, contentType, write }: FileKind,
): Promise<Response> {
  const reader = readerOf(c)
  const zone = readZone(c, deps)
  const view = await readView(deps, reader, zone)
  const name = fileNameOf(dayOf(reader.meeting.startsAt, zone), view.title, extension)
  return c.body(write(view.head, view), 200, {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="transcript.${extension}"; filename*=UTF-8''${encodeName(name)}`,
  })
}

/** As headers want it (RFC 8187), which leaves fewer characters alone than addresses do. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
