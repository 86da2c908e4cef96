import { type Kysely, sql } from 'kysely'

/** A bot may stay on in a meeting's old room while another one attends the new one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  'drop index bot_one_live_per_meeting',
  `create unique index bot_one_live_per_meeting on bot (meeting_id)
    where state not in ('ended', 'fatal_error', 'cancelled') and wanted = 'attend'`,
]
