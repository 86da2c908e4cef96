import { setCookie } from 'hono/cookie'
import { AppError } from '../../../base/errors.ts'
import { constantTimeEquals } from '../../../platform/secrets/index.ts'
import type { WebContext } from '../route.ts'
import { sandboxCookieName } from '../visitor.ts'
import type { WebDeps } from '../web-deps.ts'
import { notFound } from '../web-errors.ts'

/** The link that `start` prints for the sandbox: a cookie proves to later requests that this browser was opened with it. It works as often as it is opened. */
export function openSandbox(c: WebContext, deps: WebDeps): Response {
  if (deps.sandboxKey === undefined) throw notFound()
  if (!constantTimeEquals(c.req.query('key') ?? '', deps.sandboxKey)) {
    throw new AppError('sign_in_required', 'This is not the link of the sandbox that runs now.')
  }
  const name = sandboxCookieName(c.get('facts').origin)
  const secure = name.startsWith('__Host-')
  setCookie(c, name, deps.sandboxKey, { path: '/', httpOnly: true, sameSite: 'Lax', secure })
  return c.redirect('/dashboard/', 303)
}
