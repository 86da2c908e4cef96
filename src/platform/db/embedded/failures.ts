import { AppError, describeError } from '../../../base/errors.ts'

const FULL_DISK = /No space left|ENOSPC|File too large|File size limit exceeded|EFBIG|Disk quota exceeded|EDQUOT/i
const FULL_DISK_CODES = new Set(['ENOSPC', 'EFBIG', 'EDQUOT', '53100'])

/** Whether a program's output or a thrown error says that nothing more can be written. */
export function meansFullDisk(trouble: unknown): boolean {
  if (typeof trouble === 'string') return FULL_DISK.test(trouble)
  const code = (trouble as { code?: unknown } | undefined)?.code
  if (typeof code === 'string' && FULL_DISK_CODES.has(code)) return true
  return trouble instanceof Error && FULL_DISK.test(trouble.message)
}

export function diskFull(folder: string, cause?: unknown): AppError {
  return new AppError(
    'disk_full',
    `The database cannot write to ${folder}: the disk is full, or a quota or file size limit is reached. Free some space or raise the limit, then start again; nothing was lost.`,
    { details: { folder }, retry: 'later', cause },
  )
}

/** A server that does not run, with the last lines of its own log, which are the only ones that know why. */
export function databaseFailed(what: string, logPath: string, lastLines: string, cause?: unknown): AppError {
  const said = lastLines.trim() ? ` Its last words:\n${lastLines.trim()}` : ' It said nothing.'
  return new AppError('database_failed', `${what} (log: ${logPath}).${said}`, {
    details: { logPath },
    retry: 'later',
    cause,
  })
}

/** Turns what opening a database can throw into failures that say what to do; our own failures and bugs pass as they are. */
export function translateFailure(error: unknown, folder: string): unknown {
  if (error instanceof AppError) return error
  if (meansFullDisk(error)) return diskFull(folder, error)
  const { code, path } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new AppError(
      'data_dir_not_accessible',
      `The data folder ${folder} cannot be used by this user: ${describeError(error)}. Run as the user who owns it, or set DATA_DIR to a folder of your own.`,
      { details: { folder, path }, cause: error },
    )
  return error
}
