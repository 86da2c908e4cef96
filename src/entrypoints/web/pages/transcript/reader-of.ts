import type { Reader } from '../../reader.ts'
import type { WebContext } from '../../route.ts'

/** The reader that the router has found for this request. */
export function readerOf(c: WebContext): Reader {
  const reader = c.get('reader')
  if (!reader) throw new Error('This route is not declared as a reader’s')
  return reader
}
