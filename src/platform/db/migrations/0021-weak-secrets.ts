import { type Kysely, sql } from 'kysely'

/** Since when a secret is known to be weak: what it signed later was not signed by us. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table secret_fingerprint add column weak_since timestamptz').execute(db)
}
