import { timingSafeEqual } from 'node:crypto'
import { stylePolicy } from '../page-style.ts'
import type { AccessTokens } from './access-tokens.ts'
import { AuthorizeError, type AuthorizeRequest, isBasicScope, readAuthorizeRequest } from './authorize-request.ts'
import { type Endpoint, type GoogleAnswer, type GoogleCall, json } from './call.ts'
import { AuthorizeErrorPage, ConsentPage } from './consent-page.tsx'
import { type Consents, createConsents, type Exchanged } from './consents.ts'
import type { Directory, GooglePerson } from './directory.ts'
import { authError } from './errors.ts'
import { claimsOf, writeCertificates, writeIdToken } from './id-token.ts'
import { OAuthError } from './oauth-error.ts'

/** What the person in front of the consent page does. */
interface Decision {
  email: string
  /** Scopes that are unticked. */
  without?: readonly string[]
  denies?: boolean
}

/** Pages of Google's at which a request can end instead. */
type AuthorizeTrouble = 'admin_policy_enforced' | 'org_internal' | 'access_denied' | 'disallowed_useragent'

/** Signing in and consenting, for individual people. */
export interface OAuth {
  readonly client: { id: string; secret: string }
  /** The registered ones; only an exact match will do. */
  readonly redirectUris: Set<string>
  readonly consents: Consents
  /** Orders that every request ends on this page; null takes it away. */
  trouble: AuthorizeTrouble | null
  /** The consent screen is in testing: refresh tokens live for seven days. */
  isTesting: boolean
  /** Decides on an authorisation address as a person in a browser would; answers where the browser goes. Throws an `AuthorizeError`. */
  decide(authorizeUrl: string | URL, decision: Decision): URL
  /** As when somebody removes the program from the account. */
  withdraw(email: string): void
  readonly endpoints: readonly Endpoint[]
  /** The grants of the token endpoint that this part knows. Throws what it answers. */
  readonly grants: Readonly<Record<string, (form: URLSearchParams, call: GoogleCall) => Record<string, unknown>>>
}

interface OAuthDeps {
  directory: Directory
  tokens: AccessTokens
  now: () => number
  rotates: () => boolean
}

export function createOAuth({ directory, tokens, now, rotates }: OAuthDeps): OAuth {
  const consents = createConsents({ now, rotates, isTesting: () => oauth.isTesting })
  const client = { id: '103456789012-sandbox.apps.googleusercontent.com', secret: 'GOCSPX-sandbox-secret-of-nothing' }

  const read = (query: URLSearchParams): AuthorizeRequest => {
    if (oauth.trouble) throw new AuthorizeError(oauth.trouble, 'This request was blocked to order.')
    return readAuthorizeRequest(query, { clientId: client.id, redirectUris: oauth.redirectUris })
  }
  const decide = (request: AuthorizeRequest, { email, without = [], denies = false }: Decision): URL => {
    const back = (answer: Record<string, string>) => {
      const url = new URL(request.redirectUri)
      const state = request.state === undefined ? {} : { state: request.state }
      for (const [name, value] of Object.entries({ ...state, ...answer })) url.searchParams.set(name, value)
      return url
    }
    const person = directory.find(email)
    if (!person || person.isSuspended) throw new AuthorizeError('account_disabled', `Nobody can sign in as ${email}.`)
    const scopes = request.scopes.filter((scope) => isBasicScope(scope) || !without.includes(scope))
    if (denies || scopes.length === 0) return back({ error: 'access_denied' })
    const hd = person.hostedDomain === null ? {} : { hd: person.hostedDomain }
    const code = consents.give(person.id, scopes, request)
    return back({ code, scope: scopes.join(' '), authuser: '0', ...hd, prompt: 'consent' })
  }
  const answerTokens = (exchanged: Exchanged): Record<string, unknown> => {
    const { personId, scopes, clientId, refreshToken, nonce } = exchanged
    const person = directory.findById(personId)
    if (!person || person.deletedAt !== null) throw new OAuthError('invalid_grant', 'Account has been deleted')
    if (person.isSuspended) throw new OAuthError('invalid_grant', 'Account Restricted')
    const { token, expiresInSeconds } = tokens.issue({ personId, scopes, clientId, chargedTo: person.id })
    return {
      access_token: token,
      expires_in: expiresInSeconds,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      scope: scopes.join(' '),
      token_type: 'Bearer',
      ...(scopes.includes('openid') ? { id_token: writeIdToken(person, { clientId, nonce, now: now() }) } : {}),
    }
  }

  const oauth: OAuth = {
    client,
    redirectUris: new Set(),
    consents,
    trouble: null,
    isTesting: false,
    decide: (url, decision) => decide(read(new URL(url).searchParams), decision),
    withdraw(email) {
      const person = directory.find(email)
      if (!person) throw new Error(`Nobody is ${email}`)
      consents.withdraw(person.id)
      tokens.revoke((grant) => grant.personId === person.id && grant.clientId === client.id)
    },
    endpoints: [
      {
        name: 'authorize',
        verb: 'GET',
        path: '/o/oauth2/v2/auth',
        run: (call) =>
          showOrBlock(() => {
            const request = read(call.query)
            return page(ConsentPage({ request, people: directory.people, asked: call.query.toString() }))
          }),
      },
      {
        name: 'authorize',
        verb: 'POST',
        path: '/o/oauth2/v2/auth',
        run: (call) =>
          showOrBlock(() => {
            const form = new URLSearchParams(call.body)
            const request = read(new URLSearchParams(form.get('asked') ?? ''))
            const ticked = form.getAll('scope')
            const without = request.scopes.filter((scope) => !ticked.includes(scope))
            const denies = form.get('decision') !== 'allow'
            const to = decide(request, { email: form.get('account') ?? '', without, denies })
            return { status: 302, text: '', headers: { location: to.href } }
          }),
      },
      { name: 'userinfo', verb: 'GET', path: '/v1/userinfo', run: (call) => userInfo(call, tokens, directory) },
      { name: 'certificates', verb: 'GET', path: '/oauth2/v3/certs', run: () => json(writeCertificates()) },
      {
        name: 'revoke',
        verb: 'POST',
        path: '/revoke',
        run({ body, query }) {
          const token = new URLSearchParams(body).get('token') ?? query.get('token') ?? ''
          const granted = consents.find(token) ?? tokens.revokeToken(token)
          if (!granted) {
            return json({ error: 'invalid_token', error_description: 'Token expired or revoked' }, 400)
          }
          const person = directory.findById(granted.personId)
          if (person && granted.clientId === client.id) oauth.withdraw(person.primaryEmail)
          return json({})
        },
      },
    ],
    grants: {
      authorization_code(form, call) {
        checkClient(form, call, client)
        const redirectUri = form.get('redirect_uri') ?? ''
        const verifier = form.get('code_verifier') ?? undefined
        return answerTokens(consents.redeemCode(form.get('code') ?? '', { clientId: client.id, redirectUri, verifier }))
      },
      refresh_token(form, call) {
        checkClient(form, call, client)
        return answerTokens(consents.refresh(form.get('refresh_token') ?? '', client.id))
      },
    },
  }
  return oauth
}

/** The secret comes in the form or in the header, and the id with it. */
function checkClient(form: URLSearchParams, { headers }: GoogleCall, client: OAuth['client']): void {
  const [, basic = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? []
  const [id, secret] = basic
    ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
    : [form.get('client_id'), form.get('client_secret')]
  if (id !== client.id) throw new OAuthError('invalid_client', 'The OAuth client was not found.')
  const [given, expected] = [Buffer.from(secret ?? ''), Buffer.from(client.secret)]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new OAuthError('invalid_client', 'The provided client secret is invalid.')
  }
}

function userInfo(call: GoogleCall, tokens: AccessTokens, directory: Directory): GoogleAnswer {
  const grant = tokens.read(call.headers.authorization)
  const person: GooglePerson | undefined = directory.findById(grant.personId)
  if (!person || !grant.scopes.some(isBasicScope)) throw authError()
  return json(claimsOf(person))
}

function showOrBlock(run: () => GoogleAnswer): GoogleAnswer {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof AuthorizeError)) throw error
    return { ...page(AuthorizeErrorPage({ error })), status: 400 }
  }
}

function page(content: unknown): GoogleAnswer {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    // No form-action: browsers hold redirects after a form against it, and this one leads back to the program.
    'content-security-policy': `default-src 'none'; ${stylePolicy}; base-uri 'none'; frame-ancestors 'none'`,
  }
  return { status: 200, text: `<!doctype html>${content}`, headers }
}
