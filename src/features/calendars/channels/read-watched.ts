import type { Database } from '../../../platform/db/index.ts'
import type { CalendarAccess, CalendarPush } from '../providers/provider.ts'
import { isProviderName, type Providers } from '../providers/registry.ts'
import { readCredential } from './channel-store.ts'

/** What a channel of one calendar is opened and stopped with. */
interface Watched {
  push: CalendarPush
  reader: CalendarAccess
}

/** Undefined where the calendar is no more, its provider sends no notices, or a consent that it needs is forgotten. */
export async function readWatched(
  deps: { db: Database; providers: Providers; decrypt(ciphertext: string): string },
  calendarId: string,
): Promise<Watched | undefined> {
  const row = await readCredential(deps.db, calendarId)
  if (!row || !isProviderName(row.provider)) return undefined
  const { push } = deps.providers[row.provider]
  if (!push || (row.access === 'oauth' && row.credential === null)) return undefined
  const { ownerEmail, access } = row
  const credential = row.credential === null ? null : deps.decrypt(row.credential)
  return { push, reader: { calendarId, ownerEmail, access, credential } }
}
