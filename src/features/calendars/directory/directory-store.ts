import { sql } from 'kysely'
import { z } from 'zod'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventOwner } from '../event-store.ts'
import type { ProviderName } from '../providers/registry.ts'
import type { DelegatedCalendar, ReleaseReason } from './plan-people.ts'

/** Calendars of a provider that are read on the organisation's word, or were; `keyEndings`: what the keys of such calendars end with, or a predecessor's did. */
export async function listDelegatedCalendars(
  db: Database,
  { provider, keyEndings }: { provider: ProviderName; keyEndings: readonly string[] },
): Promise<DelegatedCalendar[]> {
  const { rows } = await sql<DelegatedCalendar>`
    select id, owner_email, account_id, deduplication_key, release_reason,
      state = 'connected' and removed_at is null as is_connected, removed_at is not null as is_removed
    from calendar
    where provider = ${provider} and (access = 'service_account'
      or deduplication_key in (select owner_email || '-' || ending from unnest(${keyEndings}::text[]) ending))
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
  provider: ProviderName
  email: string
  accountId: string | null
  deduplicationKey: string
  addressLabel: string
}

// What lets us in for the organisation is in the settings alone.
const delegated = { access: 'service_account', credential: null } as const

export async function insertDelegatedCalendars(
  trx: Transaction,
  people: readonly (DelegatedPerson & { id: string })[],
  now: Date,
): Promise<void> {
  const fresh = { state: 'connected', nextSyncAt: now, createdAt: now } as const
  await trx
    .insertInto('calendar')
    .values(people.map(({ email, ...person }) => ({ ...person, ownerEmail: email, ...delegated, ...fresh })))
    .execute()
}

/** Gives a calendar its owner's address of today. Under another one it is read anew, and gets another channel; answers whose it was then. */
export async function renameCalendar(
  trx: Transaction,
  id: string,
  { email, ...person }: DelegatedPerson,
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
      ...{ ...person, ownerEmail: email, ...delegated },
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

const keyOf = (provider: ProviderName) => `${provider}_directory`
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

/** How the reading of a directory goes. */
export type DirectoryState = z.output<typeof stored>

/** Undefined where it was never read. */
export async function readDirectoryState(db: Database, provider: ProviderName): Promise<DirectoryState | undefined> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', keyOf(provider)).executeTakeFirst()
  return row && stored.parse(row.value)
}

export async function writeDirectoryState(
  db: Database,
  provider: ProviderName,
  state: DirectoryState,
  now: Date,
): Promise<void> {
  const value = JSON.stringify(state)
  await db
    .insertInto('setting')
    .values({ key: keyOf(provider), value, updatedAt: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, updatedAt: now }))
    .execute()
}
