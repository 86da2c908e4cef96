import { createSign } from 'node:crypto'
import { SECOND_MS } from '../../src/base/time.ts'
import type { GooglePerson } from './directory.ts'
import { firstKeyPair } from './key-pairs.ts'

const KEY_ID = 'sandbox-id-tokens'

/** What is known of somebody who signed in; `hd` only where a company keeps the account. */
export function claimsOf({
  id,
  primaryEmail,
  name,
  hostedDomain,
  isEmailVerified,
}: GooglePerson): Record<string, unknown> {
  const hd = hostedDomain === null ? {} : { hd: hostedDomain }
  return { sub: id, ...hd, email: primaryEmail, email_verified: isEmailVerified, name }
}

/** A signed statement of who signed in, for one program, good for an hour. */
export function writeIdToken(
  person: GooglePerson,
  { clientId, nonce, now }: { clientId: string; nonce: string | undefined; now: number },
): string {
  const iat = Math.floor(now / SECOND_MS)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = encode({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
  const payload = encode({
    iss: 'https://accounts.google.com',
    azp: clientId,
    aud: clientId,
    ...claimsOf(person),
    ...(nonce === undefined ? {} : { nonce }),
    iat,
    exp: iat + 3_600,
  })
  const { privateKey } = firstKeyPair('id tokens')
  const signature = createSign('RSA-SHA256').update(`${head}.${payload}`).sign(privateKey).toString('base64url')
  return `${head}.${payload}.${signature}`
}

/** The public keys as JSON, with which id tokens are checked. */
export function writeCertificates(): Record<string, unknown> {
  const { publicKey } = firstKeyPair('id tokens')
  return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }] }
}
