import { AppError, describeError } from '../../../base/errors.ts'
import { databaseErrorCode, translateDatabaseError } from '../errors.ts'

const FULL_DISK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export function fileExists(file: string): AppError {
  return new AppError(
    'file_exists',
    `${file} exists already and was left as it is. Choose another name, or say that it may be overwritten.`,
    { details: { file } },
  )
}

export function notWritable(file: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'file_not_writable',
    `The backup cannot be written to ${file}: ${why}. Name a file in an existing folder that this user may write to.`,
    { details: { file }, cause },
  )
}

/** What goes wrong while a backup is written to its file. */
export function writeFailure(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  if (FULL_DISK.has(databaseErrorCode(error) ?? ''))
    return new AppError(
      'disk_full',
      `The backup does not fit: the disk that ${file} is on is full, or a quota or file size limit is reached. Free some space or name a file elsewhere; no earlier backup was touched.`,
      { details: { file }, cause: error },
    )
  return notWritable(file, describeError(error), error)
}

/** What goes wrong while a file is opened or read. */
export function readFailure(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError(
    'file_not_readable',
    `The backup ${file} cannot be read: ${describeError(error)}. Check the path and that this user may read it.`,
    { details: { file }, cause: error },
  )
}

export function notABackup(file: string, why: string): AppError {
  return new AppError(
    'not_a_backup',
    `${file} is not a backup made by Rapporteur (${why}). Nothing was changed; name a file that \`npx rapporteur backup\` wrote.`,
    { details: { file } },
  )
}

export function damaged(file: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'backup_damaged',
    `The backup ${file} is damaged or incomplete (${why}). Nothing was changed; use another copy or another backup.`,
    { details: { file }, cause },
  )
}

export function newerBackup(file: string, what: string): AppError {
  return new AppError(
    'schema_mismatch',
    `The backup ${file} was made by another version of Rapporteur (${what}) and this one cannot load it. Nothing was changed; restore it with the version that made it, or a later one.`,
    { details: { file } },
  )
}

/** What goes wrong in the database, with what its user may lack in addition to the failures every command meets. */
export function databaseFailure(error: unknown): unknown {
  if (databaseErrorCode(error) !== '42501') return translateDatabaseError(error)
  return new AppError(
    'database_forbidden',
    `The database user lacks a right (${describeError(error)}). Use the user that owns the schema rapporteur; a new database also needs the right to create a schema.`,
    { cause: error },
  )
}
