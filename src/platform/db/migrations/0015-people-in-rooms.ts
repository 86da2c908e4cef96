import { type Kysely, sql } from 'kysely'

/** Who somebody in a room is, where the platform or the directory vouches for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table participant add column email text, add column person text`.execute(db)
}
