import { type Kysely, sql } from 'kysely'

/** Who may read what was said in a meeting, for good. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // person: an account's id, or the address where no account was known; at: as of when that was told.
  `create table meeting_reader (
    meeting_id uuid not null references meeting (id) on delete cascade,
    person text not null,
    address text not null,
    why text not null check (why in ('invited', 'given', 'removed')),
    by text,
    at timestamptz not null,
    primary key (meeting_id, person)
  )`,
  // When the people invited at the meeting's end were written down.
  'alter table transcript add column readers_at timestamptz',
  // A participant is seen from the first coming to the last going; in between they may have been away, and heard nothing.
  `create table participant_stay (
    participant_id uuid not null references participant (id) on delete cascade,
    joined_at timestamptz not null,
    left_at timestamptz,
    primary key (participant_id, joined_at)
  )`,
  'create index transcript_without_readers on transcript (updated_at) where readers_at is null',
]
