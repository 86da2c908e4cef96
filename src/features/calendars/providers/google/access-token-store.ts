import { sql } from 'kysely'
import type { Database, Transaction } from '../../../../platform/db/index.ts'

export interface StoredToken {
  /** Fernet ciphertext. */
  token: string
  expiresAt: Date
}

/** The token stored under a key, and until when somebody is fetching a new one. */
export async function readStoredToken(
  db: Database,
  key: string,
): Promise<{ stored: StoredToken | undefined; refreshingUntil: Date | null }> {
  const row = await db
    .selectFrom('accessToken')
    .select(['token', 'expiresAt', 'refreshingUntil'])
    .where('key', '=', key)
    .executeTakeFirst()
  const { token = null, expiresAt = null, refreshingUntil = null } = row ?? {}
  return { stored: token !== null && expiresAt !== null ? { token, expiresAt } : undefined, refreshingUntil }
}

/** Claims the right to fetch a new token; false while somebody else has it. */
export async function claimRefresh(db: Database, key: string, until: Date, now: Date): Promise<boolean> {
  const claimed = await db
    .insertInto('accessToken')
    .values({ key, refreshingUntil: until })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({ refreshingUntil: until })
        .where((eb) =>
          eb.or([eb('accessToken.refreshingUntil', 'is', null), eb('accessToken.refreshingUntil', '<=', now)]),
        ),
    )
    .returning('key')
    .executeTakeFirst()
  return claimed !== undefined
}

/** Stores a new token and lets the next one fetch. */
export async function storeToken(trx: Transaction, key: string, token: StoredToken, now: Date): Promise<void> {
  await trx
    .updateTable('accessToken')
    .set({ ...token, issuedAt: now, refreshingUntil: null })
    .where('key', '=', key)
    .execute()
}

/** Lets the next one fetch, without a new token. */
export async function releaseRefresh(db: Database, key: string): Promise<void> {
  await db.updateTable('accessToken').set({ refreshingUntil: null }).where('key', '=', key).execute()
}

/** Whether a token of another key of this kind was issued since an instant. */
export async function hasOthersIssuedSince(db: Database, kind: string, key: string, since: Date): Promise<boolean> {
  const row = await db
    .selectFrom('accessToken')
    .select('key')
    .where('key', 'like', `${kind}:%`)
    .where('key', '<>', key)
    .where('issuedAt', '>=', since)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Forgets tokens that ran out, those of people who left among them. */
export async function deleteExpiredTokens(db: Database, now: Date): Promise<void> {
  await db.deleteFrom('accessToken').where(sql<Date>`coalesce(expires_at, refreshing_until)`, '<', now).execute()
}
