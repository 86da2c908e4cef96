import { sql } from 'kysely'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { EventOwner } from '../event-store.ts'
import type { ProviderAccount } from '../providers/provider-consent.ts'
import type { ProviderName } from '../providers/registry.ts'

/** True for the first caller with this answer only. */
export async function useConsentOnce(db: Database, stateHash: string, now: Date): Promise<boolean> {
  const used = await db
    .insertInto('usedConsent')
    .values({ stateHash, usedAt: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (used.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Forgets answers that are too old to be used anyway. */
export async function deleteOldConsents(db: Database, before: Date): Promise<void> {
  await db.deleteFrom('usedConsent').where('usedAt', '<', before).execute()
}

/** This person's calendar that is read on the organisation's word already; a second copy would say nothing new. */
export async function findDelegatedCalendar(
  trx: Transaction,
  provider: ProviderName,
  { accountId, email }: ProviderAccount,
): Promise<string | undefined> {
  const row = await trx
    .selectFrom('calendar')
    .select('id')
    .where('provider', '=', provider)
    .where('access', '=', 'service_account')
    .where('state', '=', 'connected')
    .where('removedAt', 'is', null)
    .where((eb) =>
      eb.or([eb('accountId', '=', accountId), eb.and([eb('accountId', 'is', null), eb('ownerEmail', '=', email)])]),
    )
    .executeTakeFirst()
  return row?.id
}

/** The stored refresh token (its ciphertext) of an account that consented before. */
export async function readConsentCredential(
  trx: Transaction,
  provider: ProviderName,
  accountId: string,
): Promise<string | undefined> {
  const row = await trx
    .selectFrom('calendar')
    .select('credential')
    .where('provider', '=', provider)
    .where('accountId', '=', accountId)
    .where('access', '=', 'oauth')
    .forUpdate()
    .executeTakeFirst()
  return row?.credential ?? undefined
}

/**
 * Stores the calendar of an account, or brings back the one it had, under its address of today. An address that belonged to another
 * account before is taken from that one's calendar, which stays by itself. `former`: whose the calendar was, for one that was there.
 */
export async function storeConsentCalendar(
  trx: Transaction,
  calendar: ProviderAccount & { id: string; provider: ProviderName; addressLabel: string; credential: string },
  now: Date,
): Promise<{ id: string; former: EventOwner | undefined }> {
  const { provider, accountId, email, credential, addressLabel } = calendar
  const deduplicationKey = `${email}-${provider}-oauth`
  // Of the predecessor, or from before: known by its address alone, it is taken over.
  const existing = await trx
    .selectFrom('calendar')
    .select(['id', 'accountId', 'removedAt', 'ownerEmail', 'disconnectedAt'])
    .where('provider', '=', provider)
    .where('access', '=', 'oauth')
    .where((eb) =>
      eb.or([
        eb('accountId', '=', accountId),
        eb.and([eb('accountId', 'is', null), eb('deduplicationKey', '=', deduplicationKey)]),
      ]),
    )
    .orderBy('accountId')
    .forUpdate()
    .executeTakeFirst()
  await sql`
    update calendar set deduplication_key = deduplication_key || '-' || coalesce(account_id, id::text)
    where deduplication_key = ${deduplicationKey} and id is distinct from ${existing?.id ?? null}::uuid`.execute(trx)
  const connected = {
    provider,
    access: 'oauth',
    ownerEmail: email,
    accountId,
    deduplicationKey,
    credential,
    addressLabel,
    nextSyncAt: now,
    failureCount: 0,
    failureCode: null,
    failureMessage: null,
  } as const
  const fresh = { state: 'connected', stateReason: null, disconnectedAt: null, removedAt: null } as const
  if (existing) {
    // One that was disconnected is so until its next sync, which brings the plan in step with it.
    const state = existing.removedAt === null ? {} : fresh
    await trx
      .updateTable('calendar')
      .set((eb) => ({ ...connected, ...state, revision: eb('revision', '+', 1) }))
      .where('id', '=', existing.id)
      .execute()
    const { ownerEmail, disconnectedAt } = existing
    return { id: existing.id, former: { calendarId: existing.id, ownerEmail, disconnectedAt } }
  }
  await trx
    .insertInto('calendar')
    .values({ ...connected, ...fresh, id: calendar.id, createdAt: now })
    .execute()
  return { id: calendar.id, former: undefined }
}
