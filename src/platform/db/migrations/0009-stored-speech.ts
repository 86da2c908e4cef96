import { type Kysely, sql } from 'kysely'

/** What the sweep for speech that a crash has left behind looks for; and with which zone data a calendar's events were expanded. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  "create index utterance_heard on utterance (created_at) where state = 'heard'",
  "create index transcript_unsettled on transcript (updated_at) where state in ('live', 'finishing')",
  'create index audio_step_voice on audio_step (bot_id, meeting_id) where participant_id is not null',
  // A newer version moves times, so that stored items are expanded again.
  'alter table calendar add column zone_data text',
]
