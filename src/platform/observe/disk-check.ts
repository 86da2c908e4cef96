import { mkdir, open, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { AppError, describeError } from '../../base/errors.ts'

/** With less than this left on a disk nothing is promised any more: PostgreSQL alone wants files of 16 MB. */
export const LEAST_FREE_BYTES = 100 * 1024 ** 2
const TRIAL_BYTES = 64 * 1024

/**
 * Throws `disk_full` where there is hardly any room for what DATA_DIR holds, and `data_dir_not_writable` where a file cannot be written. The
 * file goes again. The message names no folder: anybody may read it.
 */
export async function tryDiskOfFolder(folder: string): Promise<void> {
  const trial = path.join(folder, `.trial-${process.pid}`)
  try {
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < LEAST_FREE_BYTES) throw full()
    await using file = await open(trial, 'w', 0o600)
    await file.writeFile(Buffer.alloc(TRIAL_BYTES))
  } catch (error) {
    if (error instanceof AppError) throw error
    const { code = describeError(error) } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') throw full(error)
    throw new AppError('data_dir_not_writable', `A file cannot be written into DATA_DIR (${code}).`, { cause: error })
  } finally {
    await rm(trial, { force: true }).catch(() => {})
  }
}

function full(cause?: unknown): AppError {
  return new AppError(
    'disk_full',
    'The disk of DATA_DIR is full. Free some space; Rapporteur then goes on by itself.',
    {
      retry: 'later',
      cause,
    },
  )
}
