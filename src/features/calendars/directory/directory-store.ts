import { sql } from 'kysely'
import { z } from 'zod'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventOwner } from '../event-store.ts'
import type { DelegatedCalendar, ReleaseReason } from './plan-people.ts'

/** Calendars that are read through the service account, or were; the predecessor's old key is read as the new one. */
export async function listDelegatedCalendars(db: Database): Promise<DelegatedCalendar[]> {
  const { rows } = await sql<DelegatedCalendar>`
    select id, owner_email, account_id, deduplication_key, release_reason,
      state = 'connected' and removed_at is null as is_connected, removed_at is not null as is_removed
    from calendar
    where provider = 'google'
      and (access = 'service_account' or deduplication_key in (owner_email || '-google-sa', owner_email || '-google-domain'))
    order by removed_at is not null, created_at, id`.execute(db)
  return rows
}

/** Frees keys that others hold: of people who left, and of renamed ones until they get their own. */
export async function yieldKeys(
  trx: Transaction,
  deduplicationKeys: readonly string[],
  exceptId: string | null,
): Promise<void> {
  await sql`
    update calendar set deduplication_key = deduplication_key || '-' || id
    where deduplication_key = any(${deduplicationKeys}::text[]) and id is distinct from ${exceptId}::uuid`.execute(trx)
}

interface DelegatedPerson {
  email: string
  accountId: string | null
  deduplicationKey: string
}

const rest = (email: string) => ({
  provider: 'google',
  access: 'service_account' as const,
  // The key of the service account is in the settings alone.
  credential: null,
  addressLabel: `Google Calendar of ${email}`,
})

export async function insertDelegatedCalendars(
  trx: Transaction,
  people: readonly (DelegatedPerson & { id: string })[],
  now: Date,
): Promise<void> {
  const fresh = { state: 'connected', nextSyncAt: now, createdAt: now } as const
  await trx
    .insertInto('calendar')
    .values(people.map(({ email, ...person }) => ({ ...person, ownerEmail: email, ...rest(email), ...fresh })))
    .execute()
}

/** Gives a calendar its owner's address of today. Under another one it is read anew, and gets another channel; answers whose it was then. */
export async function renameCalendar(
  trx: Transaction,
  id: string,
  { email, accountId, deduplicationKey }: DelegatedPerson,
  now: Date,
): Promise<EventOwner | undefined> {
  const former = await trx
    .selectFrom('calendar')
    .select(['id as calendarId', 'ownerEmail', 'disconnectedAt'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const isOtherAddress = former.ownerEmail !== email
  await trx
    .updateTable('calendar')
    .set((eb) => ({
      ...{ ownerEmail: email, accountId, deduplicationKey, ...rest(email) },
      ...(isOtherAddress ? { cursor: null, nextSyncAt: now, revision: eb('revision', '+', 1) } : {}),
    }))
    .where('id', '=', id)
    .execute()
  if (!isOtherAddress) return undefined
  await trx.updateTable('pushChannel').set({ renewAt: now }).where('calendarId', '=', id).execute()
  return former
}

/** Keeps a calendar from healing by itself. */
export async function markReleased(db: Database, id: string, releaseReason: ReleaseReason): Promise<void> {
  await db.updateTable('calendar').set({ releaseReason }).where('id', '=', id).execute()
}

/** Lets a calendar be read again, from the beginning; it counts as connected once that succeeded. */
export async function unmarkReleased(db: Database, id: string, now: Date): Promise<void> {
  await db
    .updateTable('calendar')
    .set((eb) => ({
      releaseReason: null,
      removedAt: null,
      cursor: null,
      nextSyncAt: now,
      failureCount: 0,
      failureCode: null,
      failureMessage: null,
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
}

const KEY = 'google_directory'
const instant = z.iso.datetime().transform((text) => new Date(text))
const stored = z.object({
  nextReadAt: instant,
  lastAttemptAt: instant.nullable(),
  lastSuccessAt: instant.nullable(),
  /** People of the domain, suspended ones included. */
  people: z.number().nullable(),
  failureCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
})

/** How the reading of the directory goes. */
export type DirectoryState = z.output<typeof stored>

/** Undefined where it was never read. */
export async function readDirectoryState(db: Database): Promise<DirectoryState | undefined> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst()
  return row && stored.parse(row.value)
}

export async function writeDirectoryState(db: Database, state: DirectoryState, now: Date): Promise<void> {
  const value = JSON.stringify(state)
  await db
    .insertInto('setting')
    .values({ key: KEY, value, updatedAt: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updatedAt: now }))
    .execute()
}
