import { AppError, describeError, isAppError } from '../../../../base/errors.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../../../../platform/http/index.ts'

/** Read in pieces, so that a long recording is never in memory as a whole. */
const PIECE_BYTES = 8 * 1024 * 1024
/** Of a server that knows no ranges. */
const WHOLE_BYTES = 256 * 1024 * 1024
const MAX_BYTES = 8 * 1024 ** 3
const TIMEOUT_MS = 120_000
/** Links run out within minutes: a new one is asked for this often in a row. */
const LINKS = 5

interface MediaDeps {
  http: HttpClient
  /**
   * Where the server keeps files, inside our network perhaps: its own host on any port, and those of ATTENDEE_STORAGE_HOSTS. Any other
   * address is checked like a stranger's.
   */
  storageHosts: readonly string[]
  /** A link that works now; undefined where there is none any more. */
  link(): Promise<string | undefined>
  pause(): Promise<void>
}

/**
 * The bytes behind a link that works for a short time, with a new link wherever one has run out. Throws `attendee_media_missing` where
 * they cannot be had, and `attendee_media_private` where they lie at a private address that nobody allowed; `details.host` says where.
 */
export async function* readMedia(deps: MediaDeps): AsyncGenerator<Uint8Array> {
  let url = await deps.link()
  let at = 0
  let failures = 0
  let lastProblem: unknown
  while (url !== undefined && at < MAX_BYTES) {
    const piece = await readPiece(deps, url, at).catch((error: unknown) => {
      lastProblem = error
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
  const why = lastProblem === undefined ? '' : ` ${describeError(lastProblem)}`
  throw new AppError('attendee_media_missing', `The recording could not be fetched from the Attendee server.${why}`, {
    retry: 'later',
    cause: lastProblem,
  })
}

/** Asks the place where a recording lies. Throws `attendee_media_private` where that is a private address that nobody allowed. */
export async function askStorage(
  { http, storageHosts }: Pick<MediaDeps, 'http' | 'storageHosts'>,
  url: string,
  request: Pick<HttpRequest, 'headers' | 'timeoutMs' | 'maxBytes'>,
): Promise<HttpResponse> {
  try {
    return await http.request({ url, guard: 'public', privateHosts: storageHosts, ...request })
  } catch (error) {
    if (isAppError(error, 'http_private_address')) throw isPrivate(url, error)
    throw error
  }
}

function isPrivate(url: string, error: AppError): AppError {
  const [asked, refused] = [URL.parse(url), URL.parse(String(error.details.address))]
  // Behind a redirect it is another host, of which no port is known.
  const host = (asked?.hostname === refused?.hostname ? asked?.host : refused?.host) ?? ''
  const what = `The recording lies at ${host}, a private address: add it to ATTENDEE_STORAGE_HOSTS.`
  return new AppError('attendee_media_private', what, { details: { host }, cause: error })
}

/** The next piece; undefined where the link does not work (any more). */
async function readPiece(
  deps: MediaDeps,
  url: string,
  at: number,
): Promise<{ bytes: Uint8Array; isLast: boolean } | undefined> {
  const range = `bytes=${at}-${at + PIECE_BYTES - 1}`
  const answer = await askStorage(deps, url, { headers: { range }, timeoutMs: TIMEOUT_MS, maxBytes: WHOLE_BYTES })
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
