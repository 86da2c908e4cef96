import { type Kysely, sql } from 'kysely'

/** Calendars, events, meetings, bots and the people who look at them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table setting (
    key text primary key,
    value jsonb not null,
    updated_at timestamptz not null default now()
  )`,
  `create table secret_fingerprint (
    name text primary key,
    fingerprint text not null,
    created_at timestamptz not null default now()
  )`,

  `create table calendar (
    id uuid primary key,
    provider text not null,
    owner_email text not null,
    name text,
    deduplication_key text not null unique,
    credential text,
    address_label text not null,
    state text not null check (state in ('connected', 'disconnected')),
    state_reason text,
    time_zone text,
    revision integer not null default 0,
    etag text,
    last_modified text,
    content_hash text,
    expanded_until timestamptz,
    last_attempt_at timestamptz,
    last_success_at timestamptz,
    last_change_at timestamptz,
    next_sync_at timestamptz not null default now(),
    failure_count integer not null default 0,
    failure_code text,
    failure_message text,
    created_at timestamptz not null default now(),
    removed_at timestamptz
  )`,
  'create index calendar_owner on calendar (owner_email)',
  'create index calendar_due on calendar (next_sync_at) where removed_at is null',

  `create table calendar_item (
    calendar_id uuid not null references calendar (id) on delete cascade,
    uid text not null,
    content text not null,
    content_hash text not null,
    is_recurring boolean not null,
    first_starts_at timestamptz not null,
    last_ends_at timestamptz,
    primary key (calendar_id, uid)
  )`,
  `create table calendar_problem (
    id bigint generated always as identity primary key,
    calendar_id uuid not null references calendar (id) on delete cascade,
    code text not null,
    message text not null,
    uid text,
    title text,
    noticed_at timestamptz not null default now()
  )`,
  'create index calendar_problem_calendar on calendar_problem (calendar_id, uid)',

  // One row per person and occurrence. The variant is the digest of what the planner looks at; see occurrence_variant.
  `create table event (
    id uuid primary key,
    calendar_id uuid not null references calendar (id) on delete cascade,
    uid text not null,
    occurrence_key text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    is_all_day boolean not null,
    time_zone text,
    title text not null,
    organizer_email text,
    organizer_name text,
    attendees jsonb not null,
    own_response text not null,
    is_cancelled boolean not null,
    visibility text not null,
    kind text not null,
    is_opted_out boolean not null,
    platform text,
    room_id text,
    room_key text,
    meeting_url text,
    link_warning text,
    variant text,
    content_hash text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (calendar_id, uid, occurrence_key)
  )`,
  'create index event_starts on event (starts_at)',
  'create index event_occurrence on event (room_key, uid, occurrence_key, variant) where room_key is not null',

  `create table meeting (
    id uuid primary key,
    hub_id uuid,
    platform text not null,
    room_id text not null,
    room_key text not null,
    meeting_url text not null,
    uid text not null,
    occurrence_key text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    is_all_day boolean not null,
    title text not null,
    is_private boolean not null,
    organizer_email text,
    attendee_count integer not null,
    copies integer not null,
    supporting integer not null,
    decision text not null check (decision in ('attend', 'observe', 'no_runner', 'skip')),
    reason text not null,
    reason_detail jsonb not null,
    decided_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index meeting_starts on meeting (starts_at)',
  'create index meeting_room on meeting (room_key, starts_at)',
  'create index meeting_identity on meeting (uid, occurrence_key)',

  // What the copies of one occurrence in one room say, counted: the planner reads this and never all copies.
  `create table occurrence (
    room_key text not null,
    uid text not null,
    occurrence_key text not null,
    meeting_id uuid references meeting (id) on delete set null,
    primary key (room_key, uid, occurrence_key)
  )`,
  'create index occurrence_meeting on occurrence (meeting_id)',
  `create table occurrence_variant (
    room_key text not null,
    uid text not null,
    occurrence_key text not null,
    variant text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    is_all_day boolean not null,
    title text not null,
    organizer_email text,
    is_organizer_copy boolean not null,
    visibility text not null,
    kind text not null,
    is_opted_out boolean not null,
    meeting_url text not null,
    platform text not null,
    room_id text not null,
    copies integer not null,
    supporting integer not null,
    declined integer not null,
    cancelled integer not null,
    primary key (room_key, uid, occurrence_key, variant),
    foreign key (room_key, uid, occurrence_key) references occurrence on delete cascade
  )`,
  'create index occurrence_variant_starts on occurrence_variant (room_key, starts_at)',

  `create table meeting_decision (
    id bigint generated always as identity primary key,
    meeting_id uuid not null references meeting (id) on delete cascade,
    decision text not null,
    reason text not null,
    reason_detail jsonb not null,
    starts_at timestamptz not null,
    decided_at timestamptz not null
  )`,
  'create index meeting_decision_meeting on meeting_decision (meeting_id, id)',

  `create table bot (
    id text primary key,
    meeting_id uuid not null references meeting (id) on delete cascade,
    room_key text not null,
    runner text not null,
    state text not null,
    join_at timestamptz not null,
    fence integer not null default 0,
    wanted text not null default 'attend',
    wanted_version integer not null default 0,
    job_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index bot_one_live_per_meeting on bot (meeting_id)
    where state not in ('ended', 'fatal_error', 'cancelled')`,
  `create unique index bot_one_in_room on bot (room_key)
    where state in ('joining', 'waiting_room', 'joined_recording', 'leaving') and runner = 'browser'`,
  'create index bot_meeting on bot (meeting_id)',
  'create index bot_join on bot (join_at)',
  `create table bot_event (
    id bigint generated always as identity primary key,
    bot_id text not null references bot (id) on delete cascade,
    type text not null,
    sub_type text,
    old_state text not null,
    new_state text not null,
    detail jsonb not null,
    created_at timestamptz not null
  )`,
  'create index bot_event_bot on bot_event (bot_id, id)',

  `create table sign_in_link (
    token_hash text primary key,
    email text,
    is_admin boolean not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `create table session (
    token_hash text primary key,
    email text,
    is_admin boolean not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now()
  )`,
]
