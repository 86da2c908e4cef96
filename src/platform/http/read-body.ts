import { Readable, type Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { isAppError } from '../../base/errors.ts'
import { codeOf, httpError } from './http-errors.ts'

/** What `accept-encoding` offers; nothing else is understood. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

// A body encoded twice is odd, one encoded ten times is an attack.
const MAX_ENCODINGS = 2

interface BodyToRead {
  url: URL
  stream: Readable
  contentEncoding: string | null
  maxBytes: number
  signal: AbortSignal
}

/**
 * Reads a body to its end, decoded. Both the bytes on the wire and the decoded ones are limited: a small body can decode to a
 * huge one, and an endless one to nothing. Throws `http_too_large`, `http_truncated`, `http_undecodable` or the signal's reason.
 */
export async function readBody(body: BodyToRead): Promise<Uint8Array> {
  const encodings = encodingsOf(body)
  const received = receive(body)
  const first = await received.next()
  if (first.done) return new Uint8Array() // Nothing is also what a HEAD or a 304 with a content-encoding brings.
  const decoders = encodings.map((encoding) => createDecoder(encoding, first.value))
  const chunks: Uint8Array[] = []
  const checkLimit = createLimit(body)
  const collect = new Writable({
    write: (chunk: Uint8Array, _, done) => {
      chunks.push(chunk)
      done(checkLimit(chunk))
    },
  })
  try {
    await pipeline([Readable.from(startingWith(first.value, received)), ...decoders, collect])
  } catch (error) {
    throw isAppError(error) || body.signal.aborted ? error : decodingError(body.url, error)
  }
  return Buffer.concat(chunks)
}

async function* receive(body: BodyToRead): AsyncGenerator<Uint8Array> {
  const checkLimit = createLimit(body)
  try {
    for await (const chunk of body.stream) {
      const tooLarge = checkLimit(chunk)
      if (tooLarge) throw tooLarge
      yield chunk
    }
  } catch (error) {
    if (isAppError(error)) throw error
    throw body.signal.aborted ? body.signal.reason : truncated(body.url, error)
  }
}

function createLimit({ url, maxBytes }: BodyToRead): (chunk: Uint8Array) => Error | undefined {
  let byteCount = 0
  return (chunk) => {
    byteCount += chunk.byteLength
    if (byteCount <= maxBytes) return undefined
    return httpError('http_too_large', url, `answered with more than the ${maxBytes} bytes that are read from it.`)
  }
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first
  yield* rest
}

function encodingsOf({ url, contentEncoding, stream }: BodyToRead): string[] {
  const names = (contentEncoding ?? '').toLowerCase().split(',')
  const encodings = names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity')
  if (encodings.length > MAX_ENCODINGS || !encodings.every((name) => /^(?:x-gzip|gzip|deflate|br)$/.test(name))) {
    stream.on('error', () => {}).destroy()
    throw httpError('http_undecodable', url, 'answered in an encoding that was not asked for.')
  }
  return encodings.reverse() // Listed in the order in which they were applied.
}

function createDecoder(encoding: string, firstChunk: Uint8Array): Transform {
  if (encoding === 'br') return createBrotliDecompress()
  if (encoding !== 'deflate') return createGunzip()
  // "deflate" means zlib's format (RFC 9110, 8.4.1.2), but some servers send the bare one, which cannot begin with this half byte.
  const isZlib = ((firstChunk[0] ?? 0) & 0x0f) === 8
  return isZlib ? createInflate() : createInflateRaw()
}

function decodingError(url: URL, error: unknown): Error {
  if (codeOf(error) === 'Z_BUF_ERROR') return truncated(url, error)
  return httpError('http_undecodable', url, 'sent a body that cannot be unpacked.', { retry: 'later', cause: error })
}

function truncated(url: URL, cause: unknown): Error {
  return httpError('http_truncated', url, 'broke off in the middle of its answer. Trying again later may help.', {
    retry: 'later',
    cause,
  })
}
