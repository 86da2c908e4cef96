import type { Database } from '../../platform/db/index.ts'
import { readGoogleCredential } from './google-access-store.ts'
import { CALENDAR_SCOPES, type GoogleAccess } from './providers/registry.ts'

/** How Google is asked on behalf of a calendar's owner; undefined where there is no such calendar of Google's any more. */
export async function readGoogleAccess(
  deps: { db: Database; decrypt(ciphertext: string): string },
  calendarId: string,
): Promise<GoogleAccess | undefined> {
  const row = await readGoogleCredential(deps.db, calendarId)
  if (!row) return undefined
  if (row.access === 'service_account') {
    return { kind: 'service_account', subject: row.ownerEmail, scopes: CALENDAR_SCOPES }
  }
  if (row.credential === null) return undefined
  return { kind: 'oauth', accountId: calendarId, refreshToken: deps.decrypt(row.credential) }
}
