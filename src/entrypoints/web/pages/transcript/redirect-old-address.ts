import { transcriptPath } from '../../../../features/transcripts/index.ts'
import { readId } from '../../read-query.ts'
import type { WebContext } from '../../route.ts'

/** The address that calendar-app gave out leads to today's, with everything behind the question mark as it came. */
export function redirectOldAddress(c: WebContext): Response {
  return c.redirect(`${transcriptPath(readId(c))}${new URL(c.req.url).search}`)
}
