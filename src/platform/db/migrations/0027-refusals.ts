import { type Kysely, sql } from 'kysely'

/** What an Attendee server would not do, as far as it is not an end of a bot. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Why a bot's recording could not be fetched so far: a code, what it means, and where the file lies.
  await sql
    .raw(`alter table attendee_bot add column media_problem text, add column media_problem_text text,
      add column media_host text, add column media_problem_at timestamptz`)
    .execute(db)
  // What the server last said when it was tried whether it would send a bot to a platform. No code: it would.
  await sql
    .raw(`create table attendee_trial (
      platform text primary key,
      tried_at timestamptz not null,
      code text,
      said text
    )`)
    .execute(db)
}
