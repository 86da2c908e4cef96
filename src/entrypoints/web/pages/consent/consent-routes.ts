import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { isAppError } from '../../../../base/errors.ts'
import { normaliseEmail } from '../../../../base/text.ts'
import { CONSENT_TAKES_MS, consentOff, type ProviderName } from '../../../../features/calendars/index.ts'
import { findVisitor } from '../../find-visitor.ts'
import { linkTo } from '../../read-query.ts'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { renderConnected, renderRefused } from './consent-pages.tsx'

type Handler<Answer> = (c: WebContext, deps: WebDeps) => Answer

const startOf = (provider: ProviderName) => `/dashboard/auth/${provider}/`
const callbackOf = (provider: ProviderName) => `/dashboard/auth/${provider}/callback/`
const connectedOf = (provider: ProviderName) => `/dashboard/auth/${provider}/connected/`

/** Sends a person to a provider, to let us read their calendar. Changes nothing but a cookie, so that it may be opened by a link. */
export function startConsent(provider: ProviderName): Handler<Response> {
  return (c, deps) => {
    const loginHint = normaliseEmail(c.req.query('login_hint') ?? '')
    const { location, browserSecret } = deps.consent.begin({
      provider,
      redirectUri: redirectUriOf(c, deps, provider),
      ...(loginHint === undefined ? {} : { loginHint }),
    })
    writeCookie(c, provider, browserSecret, CONSENT_TAKES_MS / 1_000)
    return c.redirect(location, 302)
  }
}

/** The provider sends the person back here. What the address holds works once, so the result is shown under another one. */
export function finishConsent(provider: ProviderName): Handler<Promise<Response>> {
  return async (c, deps) => {
    const redirectUri = redirectUriOf(c, deps, provider)
    const { clientAddress } = c.get('facts')
    c.get('limits').signIn.require(clientAddress)
    const browserSecret = getCookie(c, cookieName(c, provider))
    const visitor = await findVisitor(c, deps)
    writeCookie(c, provider, '', 0)
    try {
      const { outcome, email } = await deps.consent.complete({
        provider,
        code: c.req.query('code'),
        state: c.req.query('state'),
        error: c.req.query('error'),
        browserSecret,
        redirectUri,
        isAdmin: visitor?.isAdmin === true,
        from: clientAddress,
      })
      deps.log.info('A calendar was connected by consent', { provider, email, outcome })
      const result = deps.consent.seal(JSON.stringify({ outcome, email }))
      return c.redirect(linkTo(connectedOf(provider), { result }), 303)
    } catch (error) {
      if (!isAppError(error)) throw error
      c.get('limits').signIn.failed(clientAddress)
      deps.log.info('A calendar was not connected by consent', { provider, error })
      return renderRefused(c, deps, { provider, error })
    }
  }
}

const connected = z.object({
  outcome: z.enum(['connected', 'connected_again', 'already_delegated']),
  email: z.string(),
})

/** Says what was connected, and what happens next. */
export function showConnected(provider: ProviderName): Handler<Promise<Response>> {
  return async (c, deps) => {
    requireConsent(deps, provider)
    c.set('visitor', await findVisitor(c, deps))
    return renderConnected(c, deps, { provider, result: readResult(deps, c.req.query('result')) })
  }
}

/** The addresses of calendar-app lead to today's, with everything behind the question mark as it came. */
export function redirectOldConsent(provider: ProviderName): Handler<Response> {
  return (c) => {
    const target = c.req.path.includes('/callback') ? callbackOf(provider) : startOf(provider)
    return c.redirect(`${target}${new URL(c.req.url).search}`)
  }
}

function requireConsent({ providers }: WebDeps, provider: ProviderName) {
  const { consent } = providers[provider]
  if (!consent) throw consentOff(provider)
  return consent
}

/** Letter by letter the same in both steps. Without SITE_URL only loopback names get here. */
function redirectUriOf(c: WebContext, deps: WebDeps, provider: ProviderName): string {
  const { redirectUri } = requireConsent(deps, provider)
  return redirectUri?.href ?? `${c.get('facts').origin}${callbackOf(provider)}`
}

/** Sealed, so that an address cannot put words into our mouth. */
function readResult({ consent }: WebDeps, sealed = ''): z.infer<typeof connected> | undefined {
  try {
    return connected.parse(JSON.parse(consent.unseal(sealed)))
  } catch {
    return undefined
  }
}

/** Lax, because the browser comes back by a link of the provider's. */
function writeCookie(c: WebContext, provider: ProviderName, value: string, maxAge: number): void {
  const secure = isSecure(c)
  setCookie(c, cookieName(c, provider), value, { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge })
}

function cookieName(c: WebContext, provider: ProviderName): string {
  return isSecure(c) ? `__Host-${provider}-consent` : `${provider}-consent`
}

function isSecure(c: WebContext): boolean {
  return c.get('facts').origin?.startsWith('https:') === true
}
