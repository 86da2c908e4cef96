import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, describeError } from '../../../../base/errors.ts'
import type { HttpClient } from '../../../../platform/http/index.ts'
import { decodeFeed } from './decode-feed.ts'
import type { FeedVersion } from './feed-version.ts'

/** The largest feed that is read, in bytes. */
const MAX_FEED_BYTES = 30 * 1024 * 1024
const FEED_TIMEOUT_MS = 60_000

/** Where a calendar is read from: a file of this machine, or an address on the web. */
type IcsAddress = { kind: 'file'; path: string } | { kind: 'web'; url: string }

/** Understands a path, `file:`, `https:`, `http:` or `webcal:` address. Throws `ics_bad_address`. */
export function parseIcsAddress(text: string, folder = process.cwd()): IcsAddress {
  const trimmed = text.trim()
  if (trimmed === '')
    throw new AppError('ics_bad_address', 'The calendar has no address. Give a file or an https address.')
  if (/^webcals?:/i.test(trimmed)) return { kind: 'web', url: trimmed.replace(/^webcals?:/i, 'https:') }
  if (/^https?:/i.test(trimmed)) return { kind: 'web', url: trimmed }
  if (/^file:/i.test(trimmed)) return { kind: 'file', path: fileURLToPath(trimmed) }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(trimmed)) {
    throw new AppError(
      'ics_bad_address',
      `"${trimmed.slice(0, 40)}" is neither a file nor an http, https or webcal address.`,
    )
  }
  return { kind: 'file', path: path.resolve(folder, trimmed) }
}

type AddressAnswer =
  | { kind: 'unchanged' }
  | { kind: 'body'; text: string; etag: string | null; lastModified: string | null }

/** Reads the feed, conditionally where a known version allows it. Every failure is an `AppError`; an error page is never a body. */
export async function readIcsAddress(
  http: HttpClient,
  address: IcsAddress,
  known: FeedVersion,
  signal?: AbortSignal,
): Promise<AddressAnswer> {
  return address.kind === 'file'
    ? readFeedFile(address.path, known)
    : readFeedOverHttp(http, address.url, known, signal)
}

async function readFeedFile(file: string, known: FeedVersion): Promise<AddressAnswer> {
  try {
    const { mtimeMs, size } = await stat(file)
    if (size > MAX_FEED_BYTES) {
      throw new AppError('ics_too_large', `The file ${file} is larger than ${MAX_FEED_BYTES / 1024 / 1024} MB.`)
    }
    const lastModified = `${mtimeMs}:${size}`
    if (known.lastModified === lastModified) return { kind: 'unchanged' }
    return { kind: 'body', text: decodeFeed(await readFile(file)), etag: null, lastModified }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('ics_unreadable', `The calendar file ${file} cannot be read (${describeError(error)}).`, {
      retry: 'later',
      cause: error,
    })
  }
}

async function readFeedOverHttp(
  http: HttpClient,
  url: string,
  known: FeedVersion,
  signal?: AbortSignal,
): Promise<AddressAnswer> {
  const answer = await http.request({
    url,
    headers: {
      accept: 'text/calendar, text/plain;q=0.5, */*;q=0.1',
      ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
      ...(known.lastModified === null ? {} : { 'if-modified-since': known.lastModified }),
    },
    timeoutMs: FEED_TIMEOUT_MS,
    maxBytes: MAX_FEED_BYTES,
    guard: 'public',
    ...(signal === undefined ? {} : { signal }),
  })
  if (answer.status === 304) return { kind: 'unchanged' }
  if (answer.status !== 200) throw refusedBy(answer.status)
  const header = (name: string) => answer.headers.get(name) ?? null
  const charset = /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(header('content-type') ?? '')?.[1]
  const text = decodeFeed(answer.bytes(), charset)
  return { kind: 'body', text, etag: header('etag'), lastModified: header('last-modified') }
}

function refusedBy(status: number): AppError {
  const advice =
    status === 401 || status === 403
      ? 'The address is not, or no longer, open to us: copy the secret address of the calendar anew.'
      : status === 404 || status === 410
        ? 'The calendar is not there any more: check its address.'
        : 'It is tried again later.'
  return new AppError('ics_refused', `The calendar's server answered ${status}. ${advice}`, {
    retry: 'later',
    details: { status },
  })
}
