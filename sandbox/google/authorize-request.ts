import { z } from 'zod'

/** What the authorisation address was asked. */
export interface AuthorizeRequest {
  clientId: string
  redirectUri: string
  /** Written out: `email` is its address. */
  scopes: string[]
  state: string | undefined
  isOffline: boolean
  /** Consent is asked again, and a refresh token given again. */
  asksConsent: boolean
  includesGranted: boolean
  loginHint: string | undefined
  hostedDomain: string | undefined
  codeChallenge: string | undefined
  nonce: string | undefined
}

/** A request that ends on a page of Google's, not at the redirect address. */
export class AuthorizeError extends Error {
  override readonly name = 'AuthorizeError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const ALIASES: Record<string, string> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
}

/** Signing in needs them; nobody can untick them. */
const BASIC = new Set(['openid', ...Object.values(ALIASES)])

export function isBasicScope(scope: string): boolean {
  return BASIC.has(scope)
}

const requestSchema = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  response_type: z.literal('code'),
  scope: z.string().min(1),
  state: z.string().optional(),
  access_type: z.enum(['online', 'offline']).default('online'),
  prompt: z.string().default(''),
  include_granted_scopes: z.enum(['true', 'false']).default('false'),
  login_hint: z.string().optional(),
  hd: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.literal('S256').optional(),
  nonce: z.string().optional(),
})

/** Reads what the address says. Throws an `AuthorizeError`. */
export function readAuthorizeRequest(
  query: URLSearchParams,
  { clientId, redirectUris }: { clientId: string; redirectUris: ReadonlySet<string> },
): AuthorizeRequest {
  const asked = requestSchema.safeParse(Object.fromEntries(query))
  if (!asked.success) {
    const name = asked.error.issues[0]?.path.join('.')
    throw new AuthorizeError('invalid_request', `Required parameter is missing or invalid: ${name}`)
  }
  const { data } = asked
  if (data.client_id !== clientId) throw new AuthorizeError('invalid_client', 'The OAuth client was not found.')
  if (!redirectUris.has(data.redirect_uri)) {
    throw new AuthorizeError('redirect_uri_mismatch', `The redirect address is not registered: ${data.redirect_uri}`)
  }
  if (data.code_challenge !== undefined && data.code_challenge_method === undefined) {
    throw new AuthorizeError('invalid_request', 'Only code_challenge_method=S256 is taken here.')
  }
  return {
    clientId,
    redirectUri: data.redirect_uri,
    scopes: [...new Set(data.scope.split(' ').filter(Boolean).map(writeOut))],
    state: data.state,
    isOffline: data.access_type === 'offline',
    asksConsent: data.prompt.split(' ').includes('consent'),
    includesGranted: data.include_granted_scopes === 'true',
    loginHint: data.login_hint,
    hostedDomain: data.hd,
    codeChallenge: data.code_challenge,
    nonce: data.nonce,
  }
}

function writeOut(scope: string): string {
  return ALIASES[scope] ?? scope
}
