import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { ServiceAccountKey } from '../../../../platform/config/index.ts'

const signInBackground = promisify(sign) as (
  algorithm: string,
  data: Buffer,
  key: ServiceAccountKey['privateKey'],
) => Promise<Buffer>

const LIFE_SECONDS = 3_600

interface AssertionClaims {
  /** The person to act for. */
  subject: string
  scopes: readonly string[]
  /** Where the assertion is to be shown: the token address. */
  audience: string
  now: Date
}

/** The signed statement that a service account exchanges for a token (developers.google.com/identity/protocols/oauth2/service-account, 2026-03). */
export async function signAssertion(key: ServiceAccountKey, claims: AssertionClaims): Promise<string> {
  const issuedAt = Math.floor(claims.now.getTime() / 1000)
  const header = { alg: 'RS256', typ: 'JWT', kid: key.privateKeyId }
  const payload = {
    iss: key.clientEmail,
    sub: claims.subject,
    scope: claims.scopes.join(' '),
    aud: claims.audience,
    iat: issuedAt,
    exp: issuedAt + LIFE_SECONDS,
  }
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = await signInBackground('RSA-SHA256', Buffer.from(signed), key.privateKey)
  return `${signed}.${signature.toString('base64url')}`
}
