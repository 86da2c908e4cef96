import { type Kysely, sql } from 'kysely'

/** Whose calendar it is at the provider, the channels over which a provider says that something changed, and which consents were used. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // account_id: the provider's own id of the person, which stays when the address changes.
  // release_reason: the directory keeps the calendar disconnected, and it does not heal by itself.
  `alter table calendar add column account_id text,
    add column release_reason text check (release_reason in ('suspended', 'archived', 'left', 'not_selected'))`,
  'create index calendar_account on calendar (account_id) where account_id is not null',

  // Stored before the provider is asked for it, and kept a while after its end: what still arrives for it is known.
  `create table push_channel (
    id uuid primary key,
    calendar_id uuid not null references calendar (id) on delete cascade,
    state text not null check (state in ('opening', 'open', 'closing', 'closed')),
    secret_hash text not null,
    address text not null,
    resource_id text,
    expires_at timestamptz not null,
    renew_at timestamptz not null,
    last_delivery_at timestamptz,
    stop_at timestamptz,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
  )`,
  'create index push_channel_calendar on push_channel (calendar_id)',
  "create index push_channel_live on push_channel (renew_at) where state <> 'closed'",
  // stopped_at: somebody wants no channel here, until they open one.
  // unannounced_at: a change was found that no notice had announced; one that comes within a minute was late, else it was lost.
  `create table calendar_push (
    calendar_id uuid primary key references calendar (id) on delete cascade,
    is_refused boolean not null default false,
    failure_count integer not null default 0,
    failure_code text,
    failure_message text,
    next_try_at timestamptz not null default now(),
    unannounced_at timestamptz,
    stopped_at timestamptz,
    lost_count integer not null default 0,
    last_lost_at timestamptz
  )`,

  `create table used_consent (
    state_hash text primary key,
    used_at timestamptz not null
  )`,
]
