import { type Kysely, sql } from 'kysely'

/** Whether notices come over a channel, and not only the first message that says that it is open. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table push_channel add column last_notice_at timestamptz').execute(db)
  // Since a change was found that no notice had announced; until the next notice.
  await sql.raw('alter table calendar_push add column silent_since timestamptz').execute(db)
}
