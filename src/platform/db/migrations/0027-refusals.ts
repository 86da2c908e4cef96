import { type Kysely, sql } from 'kysely'

/** What an Attendee server would not do, as far as it is not an end of a bot. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Why a bot's recording could not be fetched so far: a code, what it means, and where the file lies.
  await sql
    .raw(`alter table attendee_bot add column media_problem text, add column media_problem_text text,
      add column media_host text, add column media_problem_at timestamptz`)
    .execute(db)
  // What the server last said when it was tried: of a platform, whether it would send a bot, and of recordings, whether they can be fetched.
  await sql
    .raw(`create table attendee_trial (
      subject text primary key,
      tried_at timestamptz not null,
      -- Null: it would.
      code text,
      said text,
      -- Why the bot of the trial could not be taken back.
      left_behind text
    )`)
    .execute(db)
}
