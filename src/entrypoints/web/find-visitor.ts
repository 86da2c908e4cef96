import { createHmac } from 'node:crypto'
import { getCookie } from 'hono/cookie'
import { constantTimeEquals } from '../../platform/secrets/index.ts'
import { readSession } from '../../platform/sessions/index.ts'
import type { WebContext } from './route.ts'
import { sandboxCookieName, sessionCookieName, type Visitor } from './visitor.ts'
import type { WebDeps } from './web-deps.ts'

/** The session's token as the request carries it. */
export function sessionTokenOf(c: WebContext): string | undefined {
  return getCookie(c, sessionCookieName(c.get('facts').origin))
}

/** Finds out who calls: a session, or, in the sandbox, a browser that was opened with its link, as its administrator. */
export async function findVisitor(c: WebContext, deps: WebDeps): Promise<Visitor | undefined> {
  const token = sessionTokenOf(c)
  const session = token === undefined ? undefined : await readSession(deps.db, deps.clock, token)
  if (session && token !== undefined) {
    const { email, isAdmin, createdAt: since } = session
    return { email, isAdmin, since, csrfToken: csrfTokenFor(token), hasSession: true }
  }
  const { sandboxKey } = deps
  const shown = getCookie(c, sandboxCookieName(c.get('facts').origin))
  if (sandboxKey !== undefined && shown !== undefined && constantTimeEquals(shown, sandboxKey)) {
    return { email: null, isAdmin: true, since: null, csrfToken: csrfTokenFor(sandboxKey), hasSession: false }
  }
  return undefined
}

/** The session's own token is the secret, so nothing has to be stored and another session's form does not fit. */
function csrfTokenFor(secret: string): string {
  return createHmac('sha256', secret).update('rapporteur form').digest('base64url')
}
