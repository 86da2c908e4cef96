import { createHash } from 'node:crypto'
import { AppError } from '../../base/errors.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { blobFolderOf } from './recording.ts'
import { lockRecording, writeForeignFile } from './recording-store.ts'

/** A file that somebody else recorded, as it came. */
export interface StoredMedia {
  fileKey: string
  sizeBytes: number
  contentType: string
  /** The other meetings whose sound it holds as well. */
  alsoOf?: readonly string[]
}

/**
 * Stores a recording of somebody else's making, whose name says whose part it is: a second time replaces it. What it is follows from its
 * first bytes. Throws `media_unknown` for what is no sound we know, and whatever reading `content` throws; then nothing is kept.
 */
export async function storeMedia(
  deps: { blobs: BlobStore },
  input: { meetingId: string; botId: string; content: AsyncIterable<Uint8Array> },
): Promise<StoredMedia> {
  const content = input.content[Symbol.asyncIterator]()
  const first = await content.next()
  const kind = first.done ? undefined : kindOf(first.value)
  if (!kind || first.done) throw new AppError('media_unknown', 'The recording that was fetched is no MP3, MP4 or WebM.')
  const name = createHash('sha256').update(input.botId).digest('hex').slice(0, 32)
  const fileKey = `${blobFolderOf(input.meetingId)}${name}.${kind.extension}`
  const sizeBytes = await deps.blobs.put(fileKey, withFirst(first.value, content))
  return { fileKey, sizeBytes, contentType: kind.contentType }
}

/**
 * Makes a stored file the recording of its meeting, unless there is a longer one or one of our own; that is answered. `startedMs` and `endedMs`:
 * its part. Throws
 * `recording_busy` where the file was cleared away meanwhile.
 */
export async function nameMedia(
  deps: { blobs: BlobStore },
  trx: Transaction,
  input: { meetingId: string; media: StoredMedia; startedMs: number; endedMs: number; now: Date },
): Promise<boolean> {
  const { meetingId, media, now } = input
  const { fileKey, sizeBytes, contentType, alsoOf = [] } = media
  const recording = await lockRecording(trx, meetingId)
  const startedMs = Math.round(input.startedMs)
  const durationMs = Math.round(input.endedMs)
  const isOther = recording?.fileKey !== undefined && recording.fileKey !== null && recording.fileKey !== fileKey
  const otherMs = recording ? (recording.durationMs ?? 0) - recording.fileStartedMs : 0
  if (isOther && (recording.contentType === null || otherMs >= durationMs - startedMs)) return false
  if ((await deps.blobs.size(fileKey)) !== sizeBytes)
    throw new AppError('recording_busy', 'The file was cleared away while it was stored.', { retry: 'later' })
  const file = { fileKey, durationMs, sizeBytes }
  await writeForeignFile(trx, { meetingId, file, startedMs, contentType, alsoOf, now })
  return true
}

async function* withFirst(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

function kindOf(head: Uint8Array): { extension: string; contentType: string } | undefined {
  const text = Buffer.from(head.subarray(0, 12)).toString('latin1')
  const isMp3Frame = head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0
  if (text.startsWith('ID3') || isMp3Frame) return { extension: 'mp3', contentType: 'audio/mpeg' }
  if (text.slice(4, 8) === 'ftyp') return { extension: 'mp4', contentType: 'video/mp4' }
  if (text.startsWith('\x1aE\xdf\xa3')) return { extension: 'webm', contentType: 'video/webm' }
  return undefined
}
