import { type Kysely, sql } from 'kysely'

/** What a server's bot was ordered to keep of its meeting: where that is nothing, no file is waited for, and pages say so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // mp3, mp4 or none. All before were ordered as MP3.
  await sql.raw("alter table attendee_bot add column media_format text not null default 'mp3'").execute(db)
}
