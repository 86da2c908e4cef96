import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { AppError, isAppError } from '../../../../base/errors.ts'
import { normaliseEmail } from '../../../../base/text.ts'
import { CONSENT_TAKES_MS } from '../../../../features/calendars/index.ts'
import { findVisitor } from '../../find-visitor.ts'
import { linkTo } from '../../read-query.ts'
import type { WebContext } from '../../route.ts'
import type { GoogleConsent, WebDeps } from '../../web-deps.ts'
import { renderConnected, renderRefused } from './consent-pages.tsx'

const START = '/dashboard/auth/google/'
const CALLBACK = '/dashboard/auth/google/callback/'
const CONNECTED = '/dashboard/auth/google/connected/'

/** Sends a person to Google, to let us read their calendar. Changes nothing but a cookie, so that it may be opened by a link. */
export function startGoogleConsent(c: WebContext, deps: WebDeps): Response {
  const consent = requireConsent(deps)
  const loginHint = normaliseEmail(c.req.query('login_hint') ?? '')
  const { location, browserSecret } = consent.begin({
    redirectUri: redirectUriOf(c, consent),
    ...(loginHint === undefined ? {} : { loginHint }),
  })
  writeCookie(c, browserSecret, CONSENT_TAKES_MS / 1_000)
  return c.redirect(location, 302)
}

/** Google sends the person back here. What the address holds works once, so the result is shown under another one. */
export async function finishGoogleConsent(c: WebContext, deps: WebDeps): Promise<Response> {
  const consent = requireConsent(deps)
  const { clientAddress } = c.get('facts')
  c.get('limits').signIn.require(clientAddress)
  const browserSecret = getCookie(c, cookieName(c))
  const visitor = await findVisitor(c, deps)
  writeCookie(c, '', 0)
  try {
    const { outcome, email } = await consent.complete({
      code: c.req.query('code'),
      state: c.req.query('state'),
      error: c.req.query('error'),
      browserSecret,
      redirectUri: redirectUriOf(c, consent),
      isAdmin: visitor?.isAdmin === true,
      from: c.get('facts').clientAddress,
    })
    deps.log.info('A Google calendar was connected by consent', { email, outcome })
    return c.redirect(linkTo(CONNECTED, { result: consent.seal(JSON.stringify({ outcome, email })) }), 303)
  } catch (error) {
    if (!isAppError(error)) throw error
    c.get('limits').signIn.failed(clientAddress)
    deps.log.info('A Google calendar was not connected', { error })
    return renderRefused(c, deps, error)
  }
}

const connected = z.object({
  outcome: z.enum(['connected', 'connected_again', 'already_delegated']),
  email: z.string(),
})

/** Says what was connected, and what happens next. */
export async function showConnected(c: WebContext, deps: WebDeps): Promise<Response> {
  const consent = requireConsent(deps)
  c.set('visitor', await findVisitor(c, deps))
  return renderConnected(c, deps, readResult(consent, c.req.query('result')))
}

/** The addresses of calendar-app lead to today's, with everything behind the question mark as it came. */
export function redirectOldConsent(c: WebContext): Response {
  const target = c.req.path.includes('/callback') ? CALLBACK : START
  return c.redirect(`${target}${new URL(c.req.url).search}`)
}

function requireConsent(deps: WebDeps): GoogleConsent {
  if (deps.googleConsent) return deps.googleConsent
  throw new AppError(
    'consent_off',
    'Nobody can connect a Google calendar by themselves here. An administrator can set that up with GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.',
  )
}

/** Letter by letter the same in both steps. Without SITE_URL only loopback names get here. */
function redirectUriOf(c: WebContext, consent: GoogleConsent): string {
  return consent.redirectUri?.href ?? `${c.get('facts').origin}${CALLBACK}`
}

/** Sealed, so that an address cannot put words into our mouth. */
function readResult(consent: GoogleConsent, sealed = ''): z.infer<typeof connected> | undefined {
  try {
    return connected.parse(JSON.parse(consent.unseal(sealed)))
  } catch {
    return undefined
  }
}

/** Lax, because the browser comes back by a link of Google's. */
function writeCookie(c: WebContext, value: string, maxAge: number): void {
  setCookie(c, cookieName(c), value, { path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure(c), maxAge })
}

function cookieName(c: WebContext): string {
  return isSecure(c) ? '__Host-google-consent' : 'google-consent'
}

function isSecure(c: WebContext): boolean {
  return c.get('facts').origin?.startsWith('https:') === true
}
