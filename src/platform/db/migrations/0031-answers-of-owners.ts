import { type Kysely, sql } from 'kysely'

/** A no in a room of somebody's own counts only where they said it: mail arrives by itself. What is planned again says it anew. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table meeting add column is_accepted_by_owner boolean not null default true').execute(db)
}
