import { type Kysely, sql } from 'kysely'

/** Bots that an Attendee server executes, its notices, and recordings that are files of somebody else's making. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // The key is stored before the server is asked for a bot, so that whoever asks again asks for the same one.
  `create table attendee_bot (
    bot_id text primary key references bot (id) on delete cascade,
    deduplication_key text not null,
    remote_id text,
    created_at timestamptz not null
  )`,
  'create index attendee_bot_remote on attendee_bot (remote_id)',
  // Webhooks that were believed; the key makes a second delivery of one change nothing.
  `create table attendee_notice (
    idempotency_key text primary key,
    bot_id text not null references bot (id) on delete cascade,
    event_type text not null,
    received_at timestamptz not null
  )`,
  'create index attendee_notice_bot on attendee_notice (bot_id)',
  // Null: a file of our own making.
  'alter table recording add column content_type text',
  // Whoever recorded this part was to turn its speech into text as well, and could not do so for all of it.
  'alter table part add column is_speech_missing boolean not null default false',
]
