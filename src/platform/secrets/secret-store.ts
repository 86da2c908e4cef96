import type { Database } from '../db/index.ts'

/** The fingerprints kept in the database, by secret. */
export async function readFingerprints(db: Database): Promise<Map<string, string>> {
  const rows = await db.selectFrom('secretFingerprint').select(['name', 'fingerprint']).execute()
  return new Map(rows.map((row) => [row.name, row.fingerprint]))
}

/** Keeps the fingerprint of a secret that is used for the first time; the first of two processes wins. */
export async function keepFingerprint(db: Database, name: string, fingerprint: string): Promise<void> {
  await db
    .insertInto('secretFingerprint')
    .values({ name, fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
