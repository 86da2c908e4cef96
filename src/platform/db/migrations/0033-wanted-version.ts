import { type Kysely, sql } from 'kysely'

/** What is wanted of a bot is read from its row; nobody ever asked how often that changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table bot drop column wanted_version').execute(db)
}
