import { AppError } from '../../../base/errors.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Throws `body_too_large` unless the request says that its body is small, or has none; the HTTP parser holds it to that. */
export function requireSmallBody(headers: Headers): void {
  const length = Number(headers.get('content-length') ?? 0)
  if (length <= MAX_BODY_BYTES && !headers.has('transfer-encoding')) return
  throw new AppError('body_too_large', 'More was sent than this address takes, or it was not said how much it is.')
}
