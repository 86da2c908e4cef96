import type { Actor } from '../../features/people/index.ts'
import type { WebContext } from './route.ts'

/** Who asks for a change, as it is written down. */
export function actorOf(c: WebContext): Actor {
  return { by: c.get('visitor')?.email ?? 'administrator', from: c.get('facts').clientAddress }
}
