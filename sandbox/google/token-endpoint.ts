import type { AccessTokens } from './access-tokens.ts'
import { type GoogleAnswer, type GoogleCall, json } from './call.ts'
import { OAuthError } from './oauth-error.ts'
import type { ServiceAccount } from './service-account.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

interface TokenEndpointDeps {
  serviceAccount: ServiceAccount
  tokens: AccessTokens
}

/** Gives out access tokens. */
export function createTokenEndpoint({ serviceAccount, tokens }: TokenEndpointDeps) {
  return (call: GoogleCall): GoogleAnswer => {
    try {
      const form = new URLSearchParams(call.body)
      const grantType = form.get('grant_type')
      if (grantType !== JWT_BEARER) throw new OAuthError('unsupported_grant_type', `Invalid grant_type: ${grantType}`)
      const { person, scopes } = serviceAccount.verify(form.get('assertion') ?? '')
      const { client_email: chargedTo, client_id: clientId } = serviceAccount.key
      const { token, expiresInSeconds } = tokens.issue({ personId: person.id, scopes, clientId, chargedTo })
      return json({ access_token: token, expires_in: expiresInSeconds, token_type: 'Bearer' })
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      return json({ error: error.code, error_description: error.message }, error.status)
    }
  }
}
