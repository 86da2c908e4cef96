import { setCookie } from 'hono/cookie'
import { AppError } from '../../../base/errors.ts'
import { recordAudit } from '../../../features/people/index.ts'
import {
  endSession,
  readSignInLink,
  redeemSignInLink,
  SESSION_MS,
  type SignInLinkState,
} from '../../../platform/sessions/index.ts'
import { sessionTokenOf } from '../find-visitor.ts'
import { readForm } from '../read-body.ts'
import { renderPage } from '../render-page.tsx'
import type { WebContext } from '../route.ts'
import { sessionCookieName } from '../visitor.ts'
import type { WebDeps } from '../web-deps.ts'

const ANOTHER = 'Get another one with `npx rapporteur sign-in-link`.'

const refusals: Record<Exclude<SignInLinkState, 'open'>, string> = {
  used: `This sign-in link was used already. ${ANOTHER}`,
  expired: `This sign-in link was valid for 15 minutes, which are over. ${ANOTHER}`,
  unknown: `This is not a sign-in link of ours. Was it copied whole? ${ANOTHER}`,
}

/** Shows a button and changes nothing: mail scanners open every link before its reader does. */
export async function showSignIn(c: WebContext, deps: WebDeps): Promise<Response> {
  const token = c.req.query('token')
  if (!token) throw new AppError('sign_in_required', 'This page is for people who signed in.')
  const tries = triesOf(c)
  tries.require()
  const state = await readSignInLink(deps.db, deps.clock, token)
  if (state === 'unknown') tries.failed()
  if (state !== 'open') throw spent(state)
  return renderPage(
    c,
    deps,
    { title: 'Sign in' },
    <section class="error">
      <h1>Sign in</h1>
      <p>This link signs you in on this browser for 30 days. It works once.</p>
      <form method="post" action="/dashboard/sign-in/">
        <input type="hidden" name="token" value={token} />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </section>,
  )
}

/** Uses the link up and begins a session. */
export async function signIn(c: WebContext, deps: WebDeps): Promise<Response> {
  const { token } = await readForm(c)
  const tries = triesOf(c)
  tries.require()
  const from = c.get('facts').clientAddress
  const session = await redeemSignInLink(
    deps.db,
    deps.clock,
    typeof token === 'string' ? token : '',
    (trx, { email, isAdmin }) => {
      const by = email ?? 'administrator'
      return recordAudit(trx, { at: deps.clock.now(), by, from, action: 'signed_in', subject: by, detail: { isAdmin } })
    },
  )
  if (session === 'unknown') tries.failed()
  if (typeof session === 'string') throw spent(session)
  const earlier = sessionTokenOf(c)
  if (earlier !== undefined) await endSession(deps.db, earlier)
  deps.log.info('Somebody signed in by a link', { email: session.email, isAdmin: session.isAdmin })
  writeCookie(c, session.token, SESSION_MS / 1_000)
  return c.redirect('/dashboard/', 303)
}

/** Ends the session, here and wherever its cookie was copied to. */
export async function signOut(c: WebContext, deps: WebDeps): Promise<Response> {
  const token = sessionTokenOf(c)
  if (token !== undefined) await endSession(deps.db, token)
  writeCookie(c, '', 0)
  return c.redirect('/dashboard/', 303)
}

function triesOf(c: WebContext) {
  const { signIn: limit } = c.get('limits')
  const { clientAddress } = c.get('facts')
  return { require: () => limit.require(clientAddress), failed: () => limit.failed(clientAddress) }
}

function spent(state: Exclude<SignInLinkState, 'open'>): AppError {
  return new AppError('sign_in_link_spent', refusals[state])
}

function writeCookie(c: WebContext, value: string, maxAgeSeconds: number): void {
  const name = sessionCookieName(c.get('facts').origin)
  const secure = name.startsWith('__Host-')
  setCookie(c, name, value, { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: maxAgeSeconds })
}
