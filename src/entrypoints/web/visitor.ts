import { createHmac, randomBytes } from 'node:crypto'
import { getCookie } from 'hono/cookie'
import { readSession } from '../../platform/sessions/index.ts'
import type { WebContext } from './route.ts'
import type { WebDeps } from './web-deps.ts'

/** Who looks at a page. */
export interface Visitor {
  /** Null for somebody without an address: the first start's link, or a visitor of the sandbox. */
  email: string | null
  isAdmin: boolean
  /** When the session began; null without one. */
  since: Date | null
  /** What each of this visitor's forms must carry. */
  csrfToken: string
  /** Whether there is a session that can be ended. */
  hasSession: boolean
}

// For visitors of the sandbox, who have no session to bind a form to. A restart makes their open forms out of date.
const SANDBOX_KEY = randomBytes(32).toString('base64url')

/** The name of the session's cookie. Under https the prefix keeps neighbouring names from setting it. */
export function sessionCookieName(origin: string | undefined): string {
  return origin?.startsWith('https:') ? '__Host-session' : 'session'
}

/** The session's token as the request carries it. */
export function sessionTokenOf(c: WebContext): string | undefined {
  return getCookie(c, sessionCookieName(c.get('facts').origin))
}

/** Finds out who calls: a session, or, in the sandbox, anybody on this machine as its administrator. */
export async function findVisitor(c: WebContext, deps: WebDeps): Promise<Visitor | undefined> {
  const token = sessionTokenOf(c)
  const session = token === undefined ? undefined : await readSession(deps.db, deps.clock, token)
  if (session && token !== undefined) {
    const { email, isAdmin, createdAt: since } = session
    return { email, isAdmin, since, csrfToken: csrfTokenFor(token), hasSession: true }
  }
  if (deps.sandbox && c.get('facts').isLocal) {
    return { email: null, isAdmin: true, since: null, csrfToken: csrfTokenFor(SANDBOX_KEY), hasSession: false }
  }
  return undefined
}

/** The session's own token is the secret, so nothing has to be stored and another session's form does not fit. */
function csrfTokenFor(secret: string): string {
  return createHmac('sha256', secret).update('rapporteur form').digest('base64url')
}
