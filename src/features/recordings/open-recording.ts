import { AppError } from '../../base/errors.ts'
import type { BlobStore, ByteRange } from '../../platform/blobs/index.ts'
import type { Database } from '../../platform/db/index.ts'
import { readRecording } from './recording-store.ts'

/** Opus in MP4; a `<source>` may add `; codecs=opus`. */
const RECORDING_TYPE = 'audio/mp4'

export interface OpenRecording {
  sizeBytes: number
  durationMs: number
  contentType: string
  /** The other meetings whose sound it holds as well. */
  alsoOf: readonly string[]
  /** Changes with every byte of the file; quotes included. */
  etag: string
  /** The bytes, read as they are asked for; ending early closes the file. */
  read(range: ByteRange): AsyncIterable<Uint8Array>
}

/**
 * A meeting's finished file; undefined if there is none (yet). Who may hear it is the caller's question. Throws `recording_missing` where
 * the file has gone.
 */
export async function openRecording(
  deps: { db: Database; blobs: BlobStore },
  meetingId: string,
): Promise<OpenRecording | undefined> {
  const recording = await readRecording(deps.db, meetingId)
  const fileKey = recording?.fileKey
  if (!recording || !fileKey) return undefined
  const sizeBytes = await deps.blobs.size(fileKey)
  if (sizeBytes === undefined) {
    throw new AppError('recording_missing', 'The file of this recording is not where it was stored.', {
      details: { meetingId, fileKey },
    })
  }
  return {
    sizeBytes,
    durationMs: recording.durationMs ?? 0,
    contentType: recording.contentType ?? RECORDING_TYPE,
    alsoOf: recording.alsoOf,
    etag: `"${fileKey.slice(fileKey.lastIndexOf('/') + 1).replace(/\.[a-z0-9]+$/, '')}"`,
    read: (range) => deps.blobs.open(fileKey, range),
  }
}
