import { type Kysely, sql } from 'kysely'

/** What a bot brings out of a meeting: who was there, what was recorded and what was said; and which links were taken back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // What a person wants for this meeting, whatever the plan says; wish_at is when they said so.
  "alter table meeting add column wish text check (wish in ('attend', 'none')), add column wish_at timestamptz",
  // All times ending in _ms run from started_at, the instant of the first recorded sample.
  `create table recording (
    meeting_id uuid primary key references meeting (id) on delete cascade,
    state text not null check (state in ('recording', 'finishing', 'complete', 'failed', 'none')),
    started_at timestamptz not null,
    ended_at timestamptz,
    file_key text,
    duration_ms integer,
    size_bytes bigint,
    updated_at timestamptz not null default now()
  )`,
  `create table part (
    bot_id text primary key references bot (id) on delete cascade,
    meeting_id uuid not null references meeting (id) on delete cascade,
    started_ms integer not null,
    ended_ms integer
  )`,
  'create index part_meeting on part (meeting_id, started_ms)',
  // One person in one bot's eyes; native_id is what the platform calls them there.
  `create table participant (
    id uuid primary key,
    meeting_id uuid not null references meeting (id) on delete cascade,
    bot_id text not null references bot (id) on delete cascade,
    native_id text not null,
    name text,
    is_own_bot boolean not null default false,
    joined_at timestamptz not null,
    left_at timestamptz,
    unique (bot_id, native_id)
  )`,
  'create index participant_meeting on participant (meeting_id)',
  // Sound in steps of at most 10 s until the file is finished: an Ogg Opus stream each. No participant: the mix of all.
  `create table audio_step (
    id bigint generated always as identity primary key,
    meeting_id uuid not null references meeting (id) on delete cascade,
    bot_id text not null references bot (id) on delete cascade,
    participant_id uuid references participant (id) on delete cascade,
    started_ms integer not null,
    duration_ms integer not null,
    opus bytea not null,
    created_at timestamptz not null default now()
  )`,
  'create index audio_step_meeting on audio_step (meeting_id, participant_id, started_ms)',
  // One person's continuous speech. seq rises within a meeting with every write, for readers that follow live.
  `create table utterance (
    id uuid primary key,
    meeting_id uuid not null references meeting (id) on delete cascade,
    participant_id uuid not null references participant (id) on delete cascade,
    seq bigint not null,
    started_ms integer not null,
    duration_ms integer not null,
    state text not null check (state in ('heard', 'done', 'empty', 'failed')),
    text text not null default '',
    confidence real,
    language text,
    opus bytea,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index utterance_meeting on utterance (meeting_id, started_ms)',
  'create index utterance_seq on utterance (meeting_id, seq)',
  `create table transcript (
    meeting_id uuid primary key references meeting (id) on delete cascade,
    state text not null check (state in ('live', 'finishing', 'complete', 'partial', 'failed', 'none')),
    last_seq bigint not null default 0,
    finished_at timestamptz,
    updated_at timestamptz not null default now()
  )`,
  // A link is dead if it was issued before a revocation that covers it: of a meeting, of an address, or of all.
  `create table link_revocation (
    id bigint generated always as identity primary key,
    meeting_id uuid references meeting (id) on delete cascade,
    email text,
    revoked_at timestamptz not null
  )`,
  'create index link_revocation_lookup on link_revocation (meeting_id, email)',
]
