import type { Database } from '../../platform/db/index.ts'

/** What is stored of how a calendar of Google's is reached, also while it is disconnected. */
export async function readGoogleCredential(db: Database, calendarId: string) {
  return db
    .selectFrom('calendar')
    .select(['access', 'ownerEmail', 'credential'])
    .where('id', '=', calendarId)
    .where('provider', '=', 'google')
    .executeTakeFirst()
}
