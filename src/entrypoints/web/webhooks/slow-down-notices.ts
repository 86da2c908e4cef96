import { isAppError } from '../../../base/errors.ts'
import type { WebContext } from '../route.ts'

/** The answer to a caller of whose notices too many were not believed; one who is right after all sends again. */
export function refuseTooMany(c: WebContext): Response | undefined {
  try {
    c.get('limits').notices.require(c.get('facts').clientAddress)
    return undefined
  } catch (error) {
    if (!isAppError(error)) throw error
    return c.text('Too many notices were not believed. Please send it again later.', 503, { 'Retry-After': '10' })
  }
}

export function countWrong(c: WebContext): void {
  c.get('limits').notices.failed(c.get('facts').clientAddress)
}
