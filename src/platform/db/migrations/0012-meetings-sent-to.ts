import { type Kysely, sql } from 'kysely'

/** Every plan asks for the meetings near it that somebody sent a bot to; without this that reads all there are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw("create index meeting_sent on meeting (room_key, starts_at) where uid = 'sent-' || id::text")
    .execute(db)
}
