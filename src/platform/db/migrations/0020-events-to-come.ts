import { type Kysely, sql } from 'kysely'

/** What a calendar has to come is counted whenever it grows; without this that reads everything that it ever had. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('create index event_calendar_ends on event (calendar_id, ends_at)').execute(db)
}
