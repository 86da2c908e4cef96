import { randomBytes } from 'node:crypto'
import { HOUR_MS } from '../../src/base/time.ts'
import { authError, insufficientScope } from './errors.ts'

/** What an access token stands for. */
export interface Grant {
  /** The id of the person for whom it acts. */
  personId: string
  scopes: readonly string[]
  clientId: string
  /** Who is charged where no quotaUser is named: a service account acts for many. */
  chargedTo: string
  expiresAt: number
}

/** The access tokens that were given out. */
export interface AccessTokens {
  issue(grant: Omit<Grant, 'expiresAt'>): { token: string; expiresInSeconds: number }
  /** What a header's token stands for. Throws what Google answers. */
  read(authorization: string | undefined): Grant
  /** The same, also where it is not good any more or none. */
  peek(authorization: string | undefined): Grant | undefined
  /** Calls off those that match; whoever comes with one is answered 401. */
  revoke(isMeant: (grant: Grant) => boolean): void
  /** Calls off one. */
  revokeToken(token: string): Grant | undefined
}

export function createAccessTokens(now: () => number): AccessTokens {
  const grants = new Map<string, Grant>()
  const peek = (authorization: string | undefined) => grants.get(/^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '')
  return {
    peek,
    issue(grant) {
      // They all live equally long, so that the oldest ends first.
      for (const [token, { expiresAt }] of grants) {
        if (expiresAt > now()) break
        grants.delete(token)
      }
      const token = `ya29.${randomBytes(24).toString('base64url')}`
      grants.set(token, { ...grant, expiresAt: now() + HOUR_MS })
      return { token, expiresInSeconds: 3_599 }
    },
    read(authorization) {
      const grant = peek(authorization)
      if (!grant || grant.expiresAt <= now()) throw authError()
      return grant
    },
    revoke(isMeant) {
      for (const [token, grant] of grants) if (isMeant(grant)) grants.delete(token)
    },
    revokeToken(token) {
      const grant = grants.get(token)
      grants.delete(token)
      return grant
    },
  }
}

const CALENDAR = 'https://www.googleapis.com/auth/calendar'

/** For each kind of call, the scopes of which one is enough (discovery document of Calendar v3 and Directory v1, as of 2026-11). */
export const SUFFICIENT_SCOPES = {
  readEvents: [CALENDAR, `${CALENDAR}.readonly`, `${CALENDAR}.events`, `${CALENDAR}.events.readonly`],
  readCalendars: [CALENDAR, `${CALENDAR}.readonly`],
  writeEvents: [CALENDAR, `${CALENDAR}.events`],
  readUsers: [
    'https://www.googleapis.com/auth/admin.directory.user',
    'https://www.googleapis.com/auth/admin.directory.user.readonly',
  ],
  readMembers: [
    'https://www.googleapis.com/auth/admin.directory.group',
    'https://www.googleapis.com/auth/admin.directory.group.readonly',
    'https://www.googleapis.com/auth/admin.directory.group.member',
    'https://www.googleapis.com/auth/admin.directory.group.member.readonly',
  ],
} as const

/** Throws unless the token may do this. */
export function requireScope(grant: Grant, kind: keyof typeof SUFFICIENT_SCOPES): void {
  if (!SUFFICIENT_SCOPES[kind].some((scope) => grant.scopes.includes(scope))) throw insufficientScope()
}
