import { type Kysely, sql } from 'kysely'

/** Calendars that are read by their changes: cursors, items in parts, access tokens, budgets of calls and alarms of a whole provider. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // The cursor is the provider's own text. access: how a calendar of Google is reached.
  // change_marker rises with every notice of a change, pulled_marker is what the last whole pull began with.
  // watched_until: until when a channel is expected to bring notice of changes. cursor_losses: how often in a row it was refused.
  `alter table calendar
    add column access text check (access in ('service_account', 'oauth')),
    add column cursor text,
    add column change_marker integer not null default 0,
    add column pulled_marker integer not null default 0,
    add column watched_until timestamptz,
    add column cursor_losses integer not null default 0,
    add column disconnected_at timestamptz`,
  `update calendar set
    cursor = case when coalesce(etag, last_modified, content_hash) is null then null
      else json_build_object('etag', etag, 'lastModified', last_modified, 'contentHash', content_hash)::text end,
    disconnected_at = case when state = 'disconnected' then coalesce(removed_at, now()) end`,
  'alter table calendar drop column etag, drop column last_modified, drop column content_hash',

  // One row for each piece that the provider hands over: an invitation with its exceptions, or one of Google's events. Rows of one UID
  // are expanded together; series_id leads from a part to its series while the UID is not known.
  `alter table calendar_item
    add column item_id text,
    add column series_id text`,
  'update calendar_item set item_id = uid',
  `alter table calendar_item
    drop constraint calendar_item_pkey,
    alter column uid drop not null,
    alter column item_id set not null,
    add primary key (calendar_id, item_id)`,
  'create index calendar_item_uid on calendar_item (calendar_id, uid)',
  'create index calendar_item_series on calendar_item (calendar_id, series_id) where series_id is not null',
  // What could not be understood, as it came.
  'alter table calendar_problem add column raw text',

  // Fernet ciphertexts. refreshing_until: somebody fetches a new one until then, and all others wait for it.
  `create table access_token (
    key text primary key,
    token text,
    expires_at timestamptz,
    issued_at timestamptz,
    refreshing_until timestamptz
  )`,
  'create index access_token_expires on access_token (expires_at)',
  // Calls that may still be made, of a project and of each of its users; held_until: the provider asked for a pause.
  `create table call_budget (
    name text primary key,
    available double precision not null,
    counted_at timestamptz not null,
    held_until timestamptz
  )`,
  // What is wrong for everybody at one provider. probe_at: when somebody tries again, for all.
  `create table provider_alarm (
    name text primary key,
    code text not null,
    message text not null,
    raised_at timestamptz not null,
    seen_at timestamptz not null,
    probe_at timestamptz not null
  )`,
]
