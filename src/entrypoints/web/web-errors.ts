import { AppError, isAppError } from '../../base/errors.ts'

/** A status that an error page has. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 410 | 413 | 421 | 429 | 500 | 503

const statuses: Record<string, ErrorStatus> = {
  bad_date: 400,
  bad_request: 400,
  bad_time_zone: 400,
  sign_in_required: 401,
  transcript_link_needed: 401,
  not_allowed: 403,
  request_forged: 403,
  page_not_found: 404,
  consent_off: 404,
  transcript_not_for_you: 404,
  audio_missing: 404,
  recording_missing: 404,
  method_not_allowed: 405,
  sign_in_link_spent: 410,
  transcript_link_expired: 410,
  transcript_link_withdrawn: 410,
  body_too_large: 413,
  wrong_host: 421,
  too_many_tries: 429,
  transcript_followed_enough: 429,
  database_unreachable: 503,
  database_missing: 503,
  database_refused: 503,
  database_busy: 503,
  transaction_stood_still: 503,
  disk_full: 503,
}

/** The status of whatever was thrown. What we do not know is ours: 500. */
export function statusOfError(error: unknown): ErrorStatus {
  return (isAppError(error) ? statuses[error.code] : undefined) ?? 500
}

export function notFound(): AppError {
  return new AppError('page_not_found', 'There is nothing under this address. It may have been removed.')
}

export function badDate(given: string): AppError {
  return new AppError(
    'bad_date',
    `"${given.slice(0, 40)}" is not a day. Write it as YYYY-MM-DD, such as 2026-11-23, between the years 2000 and 2100.`,
  )
}

export function badTimeZone(given: string): AppError {
  return new AppError(
    'bad_time_zone',
    `"${given.slice(0, 60)}" is not a time zone. Write it as in Europe/Vienna or America/New_York.`,
  )
}

export function forged(message: string): AppError {
  return new AppError('request_forged', message)
}
