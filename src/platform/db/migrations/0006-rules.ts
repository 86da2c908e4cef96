import { type Kysely, sql } from 'kysely'

/** The administrator's rules with their history, what people wished, and where decisions and bots came from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // The words with # in an invitation's texts, so that the word against recording can change without reading every event again.
  "alter table event add column tags text[] not null default '{}'",
  "update event set tags = '{#norecord}' where is_opted_out",
  'alter table event drop column is_opted_out',
  // accepted and tentative count supporting copies; the organiser's own counts as accepted.
  `alter table occurrence_variant
    add column tags text[] not null default '{}',
    add column accepted integer not null default 0,
    add column tentative integer not null default 0`,
  "update occurrence_variant set tags = '{#norecord}' where is_opted_out",
  'alter table occurrence_variant drop column is_opted_out',
  `update occurrence_variant v set accepted = c.accepted, tentative = c.tentative
    from (select e.room_key, e.uid, e.occurrence_key, e.variant,
        count(*) filter (where e.own_response = 'accepted' or e.organizer_email = o.owner_email) as accepted,
        count(*) filter (where e.own_response = 'tentative' and e.organizer_email is distinct from o.owner_email) as tentative
      from event e join calendar o on o.id = e.calendar_id
      where e.room_key is not null and not e.is_cancelled and e.own_response <> 'declined' and o.state = 'connected'
      group by 1, 2, 3, 4) c
    where v.room_key = c.room_key and v.uid = c.uid and v.occurrence_key = c.occurrence_key and v.variant = c.variant`,

  // Every set of rules there ever was; the newest is in force. source is the text as it was given, with its comments.
  `create table rule_version (
    version integer primary key,
    document jsonb not null,
    source text not null,
    source_hash text not null,
    path text,
    changed_by text not null,
    changed_at timestamptz not null
  )`,

  // What people said about a meeting. It hangs on the invitation, so that a new link or a new row of the meeting does not lose it.
  `create table wish (
    id bigint generated always as identity primary key,
    uid text not null,
    occurrence_key text not null,
    meeting_id uuid not null references meeting (id) on delete cascade,
    wish text not null check (wish in ('attend', 'none')),
    wished_by text not null,
    wished_at timestamptz not null
  )`,
  'create index wish_invitation on wish (uid, occurrence_key, id)',
  'create index wish_meeting on wish (meeting_id, id)',
  `insert into wish (uid, occurrence_key, meeting_id, wish, wished_by, wished_at)
    select uid, occurrence_key, id, wish, 'unknown', coalesce(wish_at, updated_at) from meeting where wish is not null`,
  'alter table meeting add column wish_by text',
  "update meeting set wish_by = 'unknown' where wish is not null",

  // What led to a decision and to a bot. A bot that a worker makes after one was lost is a further attempt.
  "alter table meeting_decision add column origin text not null default 'calendar'",
  "alter table bot add column origin text not null default 'attempt'",
  "update bot set origin = 'calendar'",
]
