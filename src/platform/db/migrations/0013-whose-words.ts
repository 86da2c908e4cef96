import { type Kysely, sql } from 'kysely'

/** Whose an invitation is, since when a meeting stands in its room, and who brought a room. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table event
    add column is_organizer_copy boolean not null default false,
    add column names_owner boolean not null default true,
    add column has_vanished boolean not null default false,
    add column known_at timestamptz not null default now(),
    add column placed_at timestamptz not null default now()`,
  `update event e set is_organizer_copy = e.organizer_email is not null and e.organizer_email = c.owner_email,
      known_at = e.created_at, placed_at = e.created_at,
      names_owner = coalesce(e.organizer_email = c.owner_email, false) or not exists (
          select from jsonb_array_elements(e.attendees) a where a ->> 'kind' <> 'room'
            and a ->> 'email' <> c.owner_email and a ->> 'email' is distinct from e.organizer_email)
        or exists (select from jsonb_array_elements(e.attendees) a where a ->> 'kind' <> 'room' and a ->> 'email' = c.owner_email)
    from calendar c where c.id = e.calendar_id`,
  // Copies that name their owner and copies that do not are no longer one variant.
  "update event set variant = variant || '-' where variant is not null and not names_owner",
  `alter table occurrence_variant
    add column vanished integer not null default 0,
    add column names_owner boolean not null default true,
    add column first_known_at timestamptz not null default now(),
    add column placed_at timestamptz not null default now(),
    add column mute_for text,
    add column mute jsonb`,
  'delete from occurrence_variant',
  `insert into occurrence_variant (room_key, uid, occurrence_key, variant, starts_at, ends_at, is_all_day, title, organizer_email,
      is_organizer_copy, visibility, kind, tags, meeting_url, platform, room_id, copies, supporting, declined, cancelled, accepted,
      tentative, names_owner, first_known_at, placed_at)
    select e.room_key, e.uid, e.occurrence_key, e.variant, min(e.starts_at), min(e.ends_at), bool_or(e.is_all_day), min(e.title),
      min(e.organizer_email), bool_or(e.is_organizer_copy), min(e.visibility), min(e.kind), (array_agg(e.tags::text order by e.id))[1]::text[],
      min(e.meeting_url), min(e.platform), min(e.room_id), count(*), count(*) filter (where e.supports),
      count(*) filter (where e.own_response = 'declined'), count(*) filter (where e.is_cancelled),
      count(*) filter (where e.supports and (e.own_response = 'accepted' or e.is_organizer_copy)),
      count(*) filter (where e.supports and e.own_response = 'tentative' and not e.is_organizer_copy),
      bool_or(e.names_owner), min(e.known_at), min(e.placed_at)
    from (select e.*, not e.is_cancelled and e.own_response <> 'declined'
        and (c.state = 'connected' or e.ends_at <= c.disconnected_at) as supports
      from event e join calendar c on c.id = e.calendar_id where e.room_key is not null and e.variant is not null) e
    group by e.room_key, e.uid, e.occurrence_key, e.variant`,
  // The same invitation in every room, and what may be the same occurrence by a nearby key.
  'create index occurrence_invitation on occurrence (uid, occurrence_key collate "C")',
  `create table invitation (
    uid text primary key,
    organizer_email text not null,
    proven_at timestamptz,
    first_known_at timestamptz not null
  )`,
  `insert into invitation (uid, organizer_email, proven_at, first_known_at)
    select distinct on (e.uid) e.uid, e.organizer_email,
      (select min(o.known_at) from event o where o.uid = e.uid and o.is_organizer_copy and o.organizer_email = e.organizer_email), e.known_at
    from event e where e.organizer_email is not null order by e.uid, e.known_at, e.is_organizer_copy desc, e.id`,
  `alter table meeting
    add column proven_organizer text,
    add column circle text[] not null default '{}',
    add column is_ranked boolean not null default true,
    add column says_no boolean not null default false,
    add column is_accepted_by_others boolean not null default false,
    add column standing jsonb not null default '[]',
    add column own_verdict jsonb,
    add column seat_from timestamptz,
    add column held_at timestamptz,
    add column has_rival boolean not null default false`,
  // What the problems page lists, which every page counts.
  'create index meeting_rival on meeting (starts_at) where has_rival',
  `update meeting m set standing = jsonb_build_array(jsonb_build_object(
      'from', (extract(epoch from starts_at) * 1000)::bigint, 'until', (extract(epoch from ends_at) * 1000)::bigint,
      'since', (extract(epoch from created_at) * 1000)::bigint)),
    proven_organizer = (select i.organizer_email from invitation i where i.uid = m.uid and i.proven_at is not null)
    where supporting > 0 or uid = 'sent-' || id::text`,
  `create table room (
    room_key text primary key,
    brought_by text,
    brought_at timestamptz,
    brought_how text check (brought_how in ('first_known', 'recognised', 'administrator')),
    closed_at timestamptz,
    closed_by text,
    known_since timestamptz not null default now()
  )`,
]
