import { AppError, isAppError } from '../../../../base/errors.ts'
import type { HttpClient, HttpResponse } from '../../../../platform/http/index.ts'

/** Read in pieces, so that a long recording is never in memory as a whole. */
const PIECE_BYTES = 8 * 1024 * 1024
/** Of a server that knows no ranges. */
const WHOLE_BYTES = 256 * 1024 * 1024
const MAX_BYTES = 8 * 1024 ** 3
const TIMEOUT_MS = 120_000
/** Links run out within minutes: a new one is asked for this often in a row. */
const LINKS = 5

export interface MediaDeps {
  http: HttpClient
  /** Host of the server itself, which may be inside our network; any other address is checked like a stranger's. */
  ownHost: string
  /** A link that works now; undefined where there is none any more. */
  link(): Promise<string | undefined>
  pause(): Promise<void>
}

/**
 * The bytes behind a link that works for a short time, with a new link wherever one has run out. Throws `attendee_media_missing` where
 * they cannot be had.
 */
export async function* readMedia(deps: MediaDeps): AsyncGenerator<Uint8Array> {
  let url = await deps.link()
  let at = 0
  let failures = 0
  while (url !== undefined && at < MAX_BYTES) {
    const piece = await readPiece(deps, url, at).catch((error: unknown) => {
      if (isAppError(error) && error.retry === 'later') return undefined
      throw error
    })
    if (piece) {
      failures = 0
      at += piece.bytes.length
      yield piece.bytes
      if (piece.isLast) return
      continue
    }
    if (++failures >= LINKS) break
    await deps.pause()
    url = await deps.link()
  }
  throw new AppError('attendee_media_missing', 'The recording could not be fetched from the Attendee server.', {
    retry: 'later',
  })
}

/** The next piece; undefined where the link does not work (any more). */
async function readPiece(
  deps: MediaDeps,
  url: string,
  at: number,
): Promise<{ bytes: Uint8Array; isLast: boolean } | undefined> {
  const answer = await deps.http.request({
    url,
    guard: URL.parse(url)?.host === deps.ownHost ? 'trusted' : 'public',
    headers: { range: `bytes=${at}-${at + PIECE_BYTES - 1}` },
    timeoutMs: TIMEOUT_MS,
    maxBytes: WHOLE_BYTES,
  })
  const bytes = answer.bytes()
  if (answer.status === 206) {
    const total = totalOf(answer)
    return { bytes, isLast: total === undefined ? bytes.length < PIECE_BYTES : at + bytes.length >= total }
  }
  // The whole, from the beginning, whatever was asked for.
  if (answer.status === 200 && bytes.length > at) return { bytes: bytes.subarray(at), isLast: true }
  return undefined
}

function totalOf({ headers }: HttpResponse): number | undefined {
  const [, total] = /\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  return total === undefined ? undefined : Number(total)
}
