import type { Database, Transaction } from '../db/index.ts'

/** What the database knows of a secret. */
export interface KnownSecret {
  fingerprint: string
  /** When it was first seen to be weak. */
  weakSince: Date | null
}

/** What is known of each secret, by name. */
export async function readFingerprints(db: Database | Transaction): Promise<Map<string, KnownSecret>> {
  const rows = await db.selectFrom('secretFingerprint').select(['name', 'fingerprint', 'weakSince']).execute()
  return new Map(rows.map(({ name, ...known }) => [name, known]))
}

/** Keeps what is known of secrets that are used for the first time, all or none; the first of two processes wins. */
export async function keepFingerprints(
  db: Database | Transaction,
  secrets: readonly (KnownSecret & { name: string })[],
): Promise<void> {
  await db
    .insertInto('secretFingerprint')
    .values([...secrets])
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Notes since when a secret is known to be weak; the first instant stays. */
export async function noteWeakness(db: Database, name: string, since: Date): Promise<void> {
  await db
    .updateTable('secretFingerprint')
    .set({ weakSince: since })
    .where('name', '=', name)
    .where('weakSince', 'is', null)
    .execute()
}

/** Forgets a secret, so that another one can take its place. */
export async function forgetFingerprint(trx: Transaction, name: string): Promise<void> {
  await trx.deleteFrom('secretFingerprint').where('name', '=', name).execute()
}
