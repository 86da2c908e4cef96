import type { AccessTokens } from './access-tokens.ts'
import { type Endpoint, json } from './call.ts'
import type { OAuth } from './oauth.ts'
import { OAuthError } from './oauth-error.ts'
import type { ServiceAccount } from './service-account.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

interface TokenEndpointDeps {
  serviceAccount: ServiceAccount
  oauth: OAuth
  tokens: AccessTokens
}

/** Gives out access tokens, to service accounts and for what people consented to. */
export function createTokenEndpoint({ serviceAccount, oauth, tokens }: TokenEndpointDeps): Endpoint {
  const exchangeAssertion = (form: URLSearchParams) => {
    const { person, scopes } = serviceAccount.verify(form.get('assertion') ?? '')
    const { client_email: chargedTo, client_id: clientId } = serviceAccount.key
    const { token, expiresInSeconds } = tokens.issue({ personId: person.id, scopes, clientId, chargedTo })
    return { access_token: token, expires_in: expiresInSeconds, token_type: 'Bearer' }
  }
  return {
    name: 'token',
    verb: 'POST',
    path: '/token',
    run(call) {
      try {
        const form = new URLSearchParams(call.body)
        const grantType = form.get('grant_type') ?? ''
        const exchange = grantType === JWT_BEARER ? exchangeAssertion : oauth.grants[grantType]
        if (!exchange) throw new OAuthError('unsupported_grant_type', `Invalid grant_type: ${grantType}`)
        return json(exchange(form, call))
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error
        return json({ error: error.code, error_description: error.message }, error.status)
      }
    },
  }
}
