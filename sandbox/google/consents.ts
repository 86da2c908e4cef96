import { createHash, randomBytes } from 'node:crypto'
import { DAY_MS, MINUTE_MS } from '../../src/base/time.ts'
import type { AuthorizeRequest } from './authorize-request.ts'
import { OAuthError } from './oauth-error.ts'

/** What a person let a program do. */
interface Consent {
  personId: string
  clientId: string
  scopes: string[]
}

/** What a code or a refresh token is good for. */
export interface Exchanged extends Consent {
  /** Absent where none is given. */
  refreshToken?: string
  nonce?: string | undefined
}

/** Who let which program do what, with the codes and refresh tokens that came of it. */
export interface Consents {
  /** Answers the code. */
  give(personId: string, scopes: string[], request: AuthorizeRequest): string
  /** Throws what the token endpoint answers. */
  redeemCode(code: string, sent: { clientId: string; redirectUri: string; verifier: string | undefined }): Exchanged
  /** Throws what the token endpoint answers. */
  refresh(refreshToken: string, clientId: string): Exchanged
  /** As when a person removes the program from the account; the next consent is a first one. */
  withdraw(personId: string): void
  /** The consent to which a refresh token belongs. */
  find(refreshToken: string): Consent | undefined
  /** How many refresh tokens are good. */
  readonly size: number
}

/** The oldest goes silently where there is one more (OAuth guide, as of 2026-11). */
const MOST_REFRESH_TOKENS = 100
const CODE_MS = 10 * MINUTE_MS
const UNUSED_MS = 182 * DAY_MS
const TESTING_MS = 7 * DAY_MS

interface ConsentsOptions {
  now: () => number
  /** Whether each use of a refresh token brings another one, and ends it. */
  rotates: () => boolean
  /** Whether the consent screen is in testing: refresh tokens live for seven days. */
  isTesting: () => boolean
}

interface RefreshToken {
  consent: Consent
  issuedAt: number
  usedAt: number
}

interface Code {
  personId: string
  scopes: string[]
  request: AuthorizeRequest
  at: number
}

export function createConsents({ now, rotates, isTesting }: ConsentsOptions): Consents {
  const codes = new Map<string, Code>()
  const consents = new Map<string, Consent>()
  // In the order of their making.
  const refreshTokens = new Map<string, RefreshToken>()
  const keyOf = (personId: string, clientId: string) => `${personId} ${clientId}`
  const refuse = (text: string) => new OAuthError('invalid_grant', text)

  const makeRefreshToken = (consent: Consent): string => {
    const same = [...refreshTokens].filter(([, one]) => one.consent === consent)
    for (const [oldest] of same.slice(0, Math.max(0, same.length + 1 - MOST_REFRESH_TOKENS)))
      refreshTokens.delete(oldest)
    const token = `1//${randomBytes(32).toString('base64url')}`
    refreshTokens.set(token, { consent, issuedAt: now(), usedAt: now() })
    return token
  }
  const isOver = ({ issuedAt, usedAt }: RefreshToken) =>
    now() - usedAt > UNUSED_MS || (isTesting() && now() - issuedAt > TESTING_MS)

  return {
    get size() {
      return refreshTokens.size
    },
    give(personId, scopes, request) {
      const code = `4/${randomBytes(32).toString('base64url')}`
      codes.set(code, { personId, scopes, request, at: now() })
      return code
    },
    redeemCode(text, { clientId, redirectUri, verifier }) {
      const code = codes.get(text)
      codes.delete(text)
      if (!code || now() - code.at > CODE_MS) throw refuse('Malformed auth code.')
      const { personId, request } = code
      if (request.clientId !== clientId) throw new OAuthError('unauthorized_client', 'Unauthorized')
      if (request.redirectUri !== redirectUri) throw new OAuthError('redirect_uri_mismatch', 'Bad Request')
      checkVerifier(request.codeChallenge, verifier)
      const known = consents.get(keyOf(personId, clientId))
      const granted = known && request.includesGranted ? [...known.scopes, ...code.scopes] : code.scopes
      const consent = known ?? { personId, clientId, scopes: [] }
      consent.scopes = [...new Set(granted)]
      consents.set(keyOf(personId, clientId), consent)
      const isGiven = request.isOffline && (!known || request.asksConsent)
      const refreshToken = isGiven ? { refreshToken: makeRefreshToken(consent) } : {}
      return { personId, clientId, scopes: consent.scopes, nonce: request.nonce, ...refreshToken }
    },
    refresh(token, clientId) {
      const known = refreshTokens.get(token)
      if (known && isOver(known)) refreshTokens.delete(token)
      if (!known || isOver(known)) throw refuse('Token has been expired or revoked.')
      if (known.consent.clientId !== clientId) throw new OAuthError('unauthorized_client', 'Unauthorized')
      known.usedAt = now()
      if (!rotates()) return { ...known.consent }
      refreshTokens.delete(token)
      return { ...known.consent, refreshToken: makeRefreshToken(known.consent) }
    },
    withdraw(personId) {
      for (const [key, consent] of consents) if (consent.personId === personId) consents.delete(key)
      for (const [token, { consent }] of refreshTokens) if (consent.personId === personId) refreshTokens.delete(token)
    },
    find: (refreshToken) => refreshTokens.get(refreshToken)?.consent,
  }
}

function checkVerifier(challenge: string | undefined, verifier: string | undefined): void {
  if (challenge === undefined) return
  if (verifier === undefined) throw new OAuthError('invalid_grant', 'Missing code verifier.')
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    throw new OAuthError('invalid_grant', 'Invalid code verifier.')
  }
}
