/** Whether trying again can help: never, at once, or after some time. */
type Retry = 'never' | 'later'

export interface AppErrorOptions {
  /** Safe to log and to show: no secrets, no contents of other people's data. */
  details?: Record<string, unknown>
  retry?: Retry
  /** How long the other side asked us to wait, in milliseconds. */
  retryAfterMs?: number
  cause?: unknown
}

/**
 * A failure that running the product can meet. The message says what happened and what to do, and is shown to people as it is;
 * the code is stable and is what programs and tests look at. A bug is a plain `Error`; an outcome is a stored value, never an error.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: string
  readonly details: Record<string, unknown>
  readonly retry: Retry
  readonly retryAfterMs: number | undefined

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    this.retry = options.retry ?? 'never'
    this.retryAfterMs = options.retryAfterMs
  }
}

/** True for an `AppError`, of the given code where one is named. */
export function isAppError(error: unknown, code?: string): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}

/** One line that describes any thrown thing, for logs and stored reasons. */
export function describeError(error: unknown): string {
  if (error instanceof Error) return error.message || error.name
  return String(error)
}

/** Fails the build where a union has a member nobody thought of, and throws if one arrives all the same. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
