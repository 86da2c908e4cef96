import { AppError } from '../../../../base/errors.ts'
import type { ProviderConsent } from '../provider-consent.ts'
import { CALENDAR_SCOPES } from './access.ts'
import { type ExchangeCodeDeps, exchangeCode, readAccount } from './exchange-code.ts'

export interface GoogleConsentDeps extends ExchangeCodeDeps {
  addresses: { authorizeUrl: URL; tokenUrl: URL; userinfoUrl: URL }
  redirectUri: URL | undefined
}

const SCOPES = ['openid', 'email', ...CALENDAR_SCOPES]

/** How people let us read their own calendar at Google: the code flow with PKCE (developers.google.com/identity/protocols/oauth2/web-server). */
export function createGoogleConsent(deps: GoogleConsentDeps): ProviderConsent {
  return {
    redirectUri: deps.redirectUri,
    locate({ redirectUri, state, codeChallenge, loginHint }) {
      const location = new URL(deps.addresses.authorizeUrl)
      const query = {
        response_type: 'code',
        client_id: deps.client.id,
        redirect_uri: redirectUri,
        scope: SCOPES.join(' '),
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        access_type: 'offline',
        // Otherwise a refresh token comes with the very first consent only, and whoever lost it could never connect again.
        prompt: 'consent',
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
      }
      for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value)
      return location
    },
    async redeem(input) {
      const tokens = await exchangeCode(deps, input)
      requireScopes(tokens.scopes)
      return { account: await readAccount(deps, tokens.accessToken), refreshToken: tokens.refreshToken }
    },
    explainRefusal,
    explainMissingGrant: () =>
      new AppError(
        'consent_no_refresh_token',
        'Google gave no permission that lasts. Take away the access of this app in your Google account (Security, third-party access), then connect again.',
      ),
  }
}

/** People may untick what was asked for; what Google answers is what they allowed. */
function requireScopes(given: readonly string[]): void {
  const missing = CALENDAR_SCOPES.filter((scope) => !given.includes(scope))
  if (missing.length === 0) return
  throw new AppError(
    'consent_scope_missing',
    'The box that lets us see your calendar was not ticked. Begin again and leave it ticked; nothing was connected.',
    { details: { missing } },
  )
}

const refusals: Record<string, string> = {
  access_denied:
    'You did not allow access to your calendar, so that nothing was connected. Begin again if that was not meant.',
  admin_policy_enforced:
    "Your organisation's policy at Google blocks this app. Its Google administrator has to trust it in the Admin console (Security, API controls).",
  org_internal: 'This app is for accounts of its own organisation at Google only. Choose your account there.',
  redirect_uri_mismatch:
    'Google does not accept our redirect address. The administrator has to enter it with the OAuth client, letter by letter.',
  disallowed_useragent: 'Google does not let anybody sign in from inside another app. Open this page in a browser.',
}

function explainRefusal(error: string): AppError {
  const isKnown = Object.hasOwn(refusals, error)
  return new AppError(
    'consent_refused',
    isKnown
      ? (refusals[error] as string)
      : 'Google did not connect the calendar. Begin again; if it happens again, ask an administrator.',
    { details: { said: error.slice(0, 100) } },
  )
}
