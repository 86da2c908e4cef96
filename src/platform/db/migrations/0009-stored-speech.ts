import { type Kysely, sql } from 'kysely'

/** With which version of the zone data a calendar's events were expanded, so that a newer one expands them again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = ['alter table calendar add column zone_data text']
