import { constantTimeEquals } from '../../../platform/secrets/index.ts'
import { forged } from '../web-errors.ts'

interface FormFacts {
  /** Our origin as the caller sees it. */
  ownOrigin: string | undefined
  origin: string | undefined
  fetchSite: string | undefined
}

const RELOAD = 'Go back, reload the page and try again.'

/** Throws `request_forged` unless the browser says that the form stood on one of our own pages. Silence is not enough. */
export function requireOwnOrigin({ ownOrigin, origin, fetchSite }: FormFacts): void {
  const isOwn = origin === undefined ? fetchSite === 'same-origin' : origin === ownOrigin
  const isContradicted = fetchSite !== undefined && fetchSite !== 'same-origin'
  if (!isOwn || isContradicted) throw forged(`This change was not asked for from one of our own pages. ${RELOAD}`)
}

/** Throws `request_forged` unless the form carries the token that only pages of this session carry. */
export function requireCsrfToken(expected: string, given: unknown): void {
  if (typeof given !== 'string' || !constantTimeEquals(given, expected)) {
    throw forged(`This form is out of date. ${RELOAD}`)
  }
}
