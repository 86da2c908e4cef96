import { AppError } from '../../base/errors.ts'

export function blobMissing(key: string): AppError {
  return new AppError('blob_missing', 'A stored file is not there any more.', { details: { key } })
}

/** A failure of the disk that a person can do something about, as an `AppError`; anything else as it is. */
export function translateDiskError(error: unknown, folder: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('media_disk_full', `The disk of ${folder} is full. Free some space; Rapporteur then goes on.`, {
      retry: 'later',
      cause: error,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new AppError('media_not_writable', `Rapporteur may not write below ${folder}. Give its user that folder.`, {
      retry: 'later',
      cause: error,
    })
  }
  return error
}

export function isNotThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
