import { createVerify, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { MINUTE_MS, SECOND_MS } from '../../src/base/time.ts'
import type { Directory, GooglePerson } from './directory.ts'
import { firstKeyPair, type KeyPair, makeKeyPair } from './key-pairs.ts'
import { OAuthError } from './oauth-error.ts'

/** What the key file of a service account holds. */
interface ServiceAccountKey {
  type: 'service_account'
  project_id: string
  private_key_id: string
  private_key: string
  client_email: string
  client_id: string
  token_uri: string
}

/** A service account, what an administrator lets it do, and what may be wrong with it. */
export interface ServiceAccount {
  /** The newest key. */
  readonly key: ServiceAccountKey
  /** The scopes that the Admin console lists for its client id. */
  readonly authorizedScopes: Set<string>
  /** Orders an answer for every exchange; null takes it away. */
  trouble: ServiceAccountTrouble | null
  /** Makes another key; the earlier ones stay good. */
  addKey(): ServiceAccountKey
  deleteKey(keyId: string): void
  /** What an assertion is good for. Throws what Google answers. */
  verify(assertion: string): { person: GooglePerson; scopes: string[] }
}

/** Kinds of trouble that lie with the organisation, not with a person or an assertion. */
type ServiceAccountTrouble =
  | 'not_authorized'
  | 'not_authorized_by_number'
  | 'scope_denied'
  | 'policy'
  | 'disabled_client'
  | 'deleted_client'
  | 'org_internal'

// Texts as the service account guide of 2026-03-23 has them.
const TROUBLES: Record<ServiceAccountTrouble, [error: string, description: string]> = {
  not_authorized: ['unauthorized_client', 'Unauthorized client or scope in request.'],
  not_authorized_by_number: [
    'unauthorized_client',
    'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
  ],
  scope_denied: ['access_denied', 'Requested client not authorized.'],
  policy: ['admin_policy_enforced', 'Access to your account data is restricted by policies within your organization.'],
  disabled_client: ['disabled_client', 'The OAuth client was disabled.'],
  deleted_client: ['deleted_client', 'The OAuth client was deleted.'],
  org_internal: ['org_internal', 'This client is restricted to users within its organization.'],
}

const SKEW_TEXT =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.'
const LONGEST_MS = 65 * MINUTE_MS
const SKEW_MS = 5 * MINUTE_MS

const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string().optional() })
const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  scope: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
})

interface ServiceAccountOptions {
  directory: Directory
  now: () => number
  tokenUrl: string
  scopes: readonly string[]
}

/** A service account with a key of its own, authorised for some scopes. */
export function createServiceAccount({ directory, now, tokenUrl, scopes }: ServiceAccountOptions): ServiceAccount {
  const publicKeys = new Map<string, string>()
  const clientEmail = 'rapporteur@example-lampworks.iam.gserviceaccount.com'
  const makeKey = ({ privateKey, publicKey }: KeyPair): ServiceAccountKey => {
    const id = randomBytes(20).toString('hex')
    publicKeys.set(id, publicKey.export({ type: 'spki', format: 'pem' }).toString())
    return {
      type: 'service_account',
      project_id: 'example-lampworks',
      private_key_id: id,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: clientEmail,
      client_id: '103456789012345678901',
      token_uri: tokenUrl,
    }
  }
  let key = makeKey(firstKeyPair('service account'))
  const account: ServiceAccount = {
    get key() {
      return key
    },
    authorizedScopes: new Set(scopes),
    trouble: null,
    addKey() {
      key = makeKey(makeKeyPair())
      return key
    },
    deleteKey: (keyId) => void publicKeys.delete(keyId),
    verify(assertion) {
      if (account.trouble) throw new OAuthError(...TROUBLES[account.trouble])
      const { claims, isSigned } = readAssertion(assertion, publicKeys)
      if (claims.iss !== clientEmail) throw new OAuthError('invalid_grant', 'Invalid grant: account not found')
      if (!isSigned) throw new OAuthError('invalid_grant', 'Invalid JWT Signature.')
      if (![tokenUrl, 'https://oauth2.googleapis.com/token'].includes(claims.aud)) {
        throw new OAuthError('invalid_grant', 'Invalid JWT: Failed audience check.')
      }
      checkTimes(claims, now())
      const asked = claims.scope.split(' ').filter((scope) => scope !== '')
      if (asked.length === 0)
        throw new OAuthError('invalid_scope', 'Invalid OAuth scope or ID token audience provided.')
      if (claims.sub === undefined) throw new OAuthError(...TROUBLES.not_authorized)
      return { person: findPerson(directory, claims.sub), scopes: checkScopes(asked, account.authorizedScopes) }
    },
  }
  return account
}

type Claims = z.infer<typeof claimsSchema>

function readAssertion(assertion: string, publicKeys: ReadonlyMap<string, string>) {
  const [head = '', payload = '', signature = ''] = assertion.split('.')
  try {
    const { kid } = headerSchema.parse(JSON.parse(Buffer.from(head, 'base64url').toString()))
    const claims: Claims = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    const keys = kid === undefined ? [...publicKeys.values()] : [publicKeys.get(kid)]
    const isSigned = keys.some(
      (key) =>
        key && createVerify('RSA-SHA256').update(`${head}.${payload}`).verify(key, Buffer.from(signature, 'base64url')),
    )
    return { claims, isSigned }
  } catch {
    throw new OAuthError('invalid_grant', 'Invalid JWT.')
  }
}

function checkTimes({ iat, exp }: Claims, now: number): void {
  const [issuedAt, expiresAt] = [iat * SECOND_MS, exp * SECOND_MS]
  const isReasonable = issuedAt <= now + SKEW_MS && expiresAt > now - SKEW_MS && expiresAt - issuedAt <= LONGEST_MS
  if (!isReasonable) throw new OAuthError('invalid_grant', SKEW_TEXT)
}

function findPerson(directory: Directory, address: string): GooglePerson {
  if (!/^[^@\s]+@[^@\s]+$/.test(address)) throw new OAuthError('invalid_grant', 'Not a valid email or user ID.')
  const person = directory.find(address)
  if (!person) throw new OAuthError('invalid_grant', 'Invalid email or User ID')
  if (person.hostedDomain !== directory.domain) throw new OAuthError(...TROUBLES.not_authorized_by_number)
  if (person.isSuspended) throw new OAuthError('invalid_grant', 'account_disabled: The account was suspended.')
  return person
}

/** All scopes have to be listed; one that is not costs the rest too. */
function checkScopes(asked: string[], authorized: ReadonlySet<string>): string[] {
  const missing = asked.filter((scope) => !authorized.has(scope))
  if (missing.length === 0) return asked
  throw new OAuthError(...TROUBLES[missing.length === asked.length ? 'not_authorized_by_number' : 'scope_denied'])
}

/** For whom a request to the token endpoint asks, as it says itself. */
export function readSubject(body: string): string | undefined {
  const payload = new URLSearchParams(body).get('assertion')?.split('.')[1]
  if (payload === undefined) return undefined
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).sub
  } catch {
    return undefined
  }
}
