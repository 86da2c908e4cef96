import { AppError, describeError } from '../../base/errors.ts'
import { isKeptPlanStale } from './kept-plans.ts'

const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN', 'EPIPE'])

/** PostgreSQL's idle_in_transaction_session_timeout: the connection works, but whoever had it did not go on. */
const STOOD_STILL = '25P03'

/** The server's or the socket's code of a thrown thing, such as 40P01 or ECONNREFUSED. */
export function databaseErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if (error instanceof AggregateError) return databaseErrorCode(error.errors[0])
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : undefined
}

/** True where the same transaction, run again, may succeed: a deadlock, a serialization failure, or a table that changed under a kept plan. */
export function isTransactionConflict(error: unknown): boolean {
  const code = databaseErrorCode(error)
  return code === '40P01' || code === '40001' || isKeptPlanStale(error)
}

/** True where the connection broke or the server is starting or stopping; later it may work. */
function isConnectionLoss(error: unknown): boolean {
  const code = databaseErrorCode(error)
  if (code !== undefined) return UNREACHABLE.has(code) || code.startsWith('08') || code.startsWith('57P')
  return /connection terminated|not queryable|timeout exceeded when trying to connect/i.test(describeError(error))
}

/** The failures of a database that a person can do something about, as an `AppError`; anything else as it is. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error
  const code = databaseErrorCode(error)
  if (code === STOOD_STILL) {
    return new AppError(
      'transaction_stood_still',
      'This process stood still in the middle of a write, so the database took the write back. It is tried again. If this comes often, the machine is too busy or its processes are paused.',
      { retry: 'later', cause: error },
    )
  }
  if (isConnectionLoss(error)) {
    return new AppError(
      'database_unreachable',
      `The database cannot be reached (${code ?? describeError(error)}). Is it running, and is DATABASE_URL right?`,
      { retry: 'later', cause: error },
    )
  }
  if (code === '28P01' || code === '28000') {
    return new AppError('database_refused', 'The database refused the user name or password in DATABASE_URL.', {
      cause: error,
    })
  }
  if (code === '3D000') {
    return new AppError('database_missing', 'The database named in DATABASE_URL does not exist. Create it first.', {
      cause: error,
    })
  }
  if (code === '53100') {
    return new AppError(
      'disk_full',
      'The disk of the database is full. Free some space; Rapporteur then goes on by itself.',
      {
        retry: 'later',
        cause: error,
      },
    )
  }
  if (code === '53300') {
    return new AppError('database_busy', 'The database has no connection left for Rapporteur. Raise max_connections.', {
      retry: 'later',
      cause: error,
    })
  }
  return error
}
