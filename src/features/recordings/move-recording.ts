import { AppError } from '../../base/errors.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { blobFolderOf } from './recording.ts'
import { lockRecording, moveRecordingRows } from './recording-store.ts'

/**
 * Makes a finished recording another meeting's, which has none: rows and file. Answers the key of the file as it was, to be deleted once the transaction
 * has committed; undefined where there is none. Throws `recording_busy` where it is not finished.
 */
export async function moveRecording(
  deps: { blobs: BlobStore },
  trx: Transaction,
  { from, to }: { from: string; to: string },
): Promise<string | undefined> {
  const recording = await lockRecording(trx, from)
  if (!recording) return undefined
  const { state, fileKey } = recording
  if (state === 'recording' || state === 'finishing')
    throw new AppError('recording_busy', 'This recording is still being made.', { retry: 'later' })
  const moved = fileKey === null ? null : blobFolderOf(to) + fileKey.slice(fileKey.lastIndexOf('/') + 1)
  if (fileKey !== null && moved !== null) await deps.blobs.put(moved, deps.blobs.open(fileKey))
  await moveRecordingRows(trx, { from, to, fileKey: moved })
  return fileKey ?? undefined
}
