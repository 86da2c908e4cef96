import { sql } from 'kysely'
import type { Database } from '../src/platform/db/index.ts'

/** How many stand in a team, which shares its meetings. */
export const TEAM_SIZE = 5
/** Days with meetings, and with the daily meeting of all. */
const DAYS = 20
const CHUNK_PEOPLE = 1_000

export interface Shape {
  people: number
  eventsEach: number
  /** Midnight of the first day, in milliseconds. */
  from: number
}

/** Team meetings of one person: all events but the daily ones. */
export function teamMeetings({ eventsEach }: Shape): number {
  return eventsEach - DAYS
}

export interface MeetingAt {
  uid: string
  room: string
  startsAt: Date
  organizer: string
}

/** The nth meeting of a team, and the nth daily meeting of all: what the rows say, for whoever changes one. */
export function teamMeeting(shape: Shape, team: number, n: number): MeetingAt {
  const startsAt = new Date(shape.from + (n % DAYS) * 86_400_000 + (10 + Math.floor(n / DAYS)) * 3_600_000)
  return { uid: `team-${team}-${n}`, room: `team-${team}`, startsAt, organizer: emailOf(team * TEAM_SIZE) }
}

export function dailyMeeting(shape: Shape, n: number): MeetingAt {
  const startsAt = new Date(shape.from + (n % DAYS) * 86_400_000 + 9 * 3_600_000)
  return { uid: `daily-${n % DAYS}`, room: 'all-hands', startsAt, organizer: emailOf(0) }
}

export const emailOf = (person: number) => `person${person}@example.com`
export const titleOf = 'Meeting'
export const calendarIdOf = (person: number) => `00000000-0000-4000-8000-${String(person).padStart(12, '0')}`

/** Loads the organisation as many syncs would have left it: events, counts, meetings, bots and their jobs. */
export async function fillOrganisation(db: Database, shape: Shape, note: (line: string) => void): Promise<void> {
  const indexes = await dropIndexes(db)
  await insertCalendars(db, shape)
  for (let person = 0; person < shape.people; person += CHUNK_PEOPLE) {
    await insertEvents(db, shape, person, Math.min(person + CHUNK_PEOPLE, shape.people))
    note(`${Math.min(person + CHUNK_PEOPLE, shape.people) * shape.eventsEach} events`)
  }
  for (const definition of indexes) await sql.raw(definition).execute(db)
  note('indexed')
  await insertPlan(db)
  await insertAuthorities(db, shape)
  await insertBots(db)
  note('planned')
  // As a server has it that has not just been loaded: no change waits for the cleaning up after the load.
  await sql`vacuum analyze`.execute(db)
  await sql`checkpoint`.execute(db)
  note('at rest')
}

/** Indexes that only find and do not forbid are made after the rows, which is several times faster. */
async function dropIndexes(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'rapporteur' and tablename = 'event' and indexdef not like 'CREATE UNIQUE%'`.execute(db)
  for (const { name } of rows) await sql`drop index ${sql.ref(name)}`.execute(db)
  return rows.map(({ definition }) => definition)
}

async function insertCalendars(db: Database, { people }: Shape): Promise<void> {
  await sql`
    insert into calendar (id, provider, owner_email, deduplication_key, credential, address_label, state)
    select ('00000000-0000-4000-8000-' || lpad(p::text, 12, '0'))::uuid, 'ics', 'person' || p || '@example.com', p::text, 'x', 'bench', 'connected'
    from generate_series(0, ${people}::int - 1) p`.execute(db)
}

const isOrganizers = sql`m.organizer = 'person' || m.person || '@example.com'`
const namesOwner = sql`(${isOrganizers} or m.room <> 'all-hands')`
/** The digest that `variantOf` makes of a row, so that whoever answers says the same as before. */
const variantOfRow = sql`translate(rtrim(encode(decode(md5(concat('[', (extract(epoch from m.starts_at) * 1000)::bigint, ',',
    (extract(epoch from m.starts_at) * 1000)::bigint + 1800000, ',false,"', ${titleOf}::text, '","', m.organizer, '",',
    case when ${isOrganizers} then 'true' else 'false' end, ',', case when ${namesOwner} then 'true' else 'false' end, ',"default","default",[],"https://meet.jit.si/', m.room, '",',
    replace((select jsonb_agg(a -> 'email') from jsonb_array_elements(m.attendees) a)::text, ', ', ','), ']')), 'hex'), 'base64'), '='), '+/', '-_')`

/** One row a person and meeting. A team's meetings name its people; the daily meeting of all names a group, as such invitations do. */
async function insertEvents(db: Database, shape: Shape, first: number, last: number): Promise<void> {
  const from = new Date(shape.from)
  await sql`
    insert into event (id, calendar_id, uid, occurrence_key, starts_at, ends_at, is_all_day, time_zone, title, organizer_email, attendees,
      own_response, is_cancelled, visibility, kind, platform, room_id, room_key, meeting_url, variant, content_hash, is_organizer_copy,
      names_owner)
    select gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad(m.person::text, 12, '0'))::uuid, m.uid, '', m.starts_at,
      m.starts_at + interval '30 minutes', false, 'UTC', ${titleOf}, m.organizer, m.attendees,
      'accepted', false, 'default', 'default', 'jitsi', 'meet.jit.si/' || m.room, 'jitsi:meet.jit.si/' || m.room,
      'https://meet.jit.si/' || m.room, ${variantOfRow}, '',
      m.organizer = 'person' || m.person || '@example.com', m.organizer = 'person' || m.person || '@example.com' or m.room <> 'all-hands'
    from (
      select p as person, 'team-' || p / ${TEAM_SIZE}::int || '-' || n as uid, 'team-' || p / ${TEAM_SIZE}::int as room,
        ${from}::timestamptz + (n % ${DAYS}::int) * interval '1 day' + (10 + n / ${DAYS}::int) * interval '1 hour' as starts_at,
        'person' || (p / ${TEAM_SIZE}::int) * ${TEAM_SIZE}::int || '@example.com' as organizer, t.attendees
      from generate_series(${first}::int, ${last}::int - 1) p
      cross join lateral (
        select jsonb_agg(jsonb_build_object('email', 'person' || q || '@example.com', 'name', null, 'response', 'accepted', 'kind', 'person')) as attendees
        from generate_series((p / ${TEAM_SIZE}::int) * ${TEAM_SIZE}::int, (p / ${TEAM_SIZE}::int) * ${TEAM_SIZE}::int + ${TEAM_SIZE}::int - 1) q) t
      cross join generate_series(0, ${teamMeetings(shape)}::int - 1) n
      union all
      select p, 'daily-' || n, 'all-hands', ${from}::timestamptz + n * interval '1 day' + interval '9 hours', 'person0@example.com',
        '[{"email": "all@example.com", "name": null, "response": "none", "kind": "group"}]'::jsonb
      from generate_series(${first}::int, ${last}::int - 1) p cross join generate_series(0, ${DAYS}::int - 1) n) m`.execute(
    db,
  )
}

/** All but the one that was planned the usual way. */
const isLoaded = sql`content_hash = ''`

/** What planning makes of these events, each meeting to be attended. */
async function insertPlan(db: Database): Promise<void> {
  await sql`
    insert into meeting (id, platform, room_id, room_key, meeting_url, uid, occurrence_key, starts_at, ends_at, is_all_day, title,
      is_private, organizer_email, attendee_count, copies, supporting, decision, reason, reason_detail, decided_at, proven_organizer, standing)
    select gen_random_uuid(), platform, room_id, room_key, meeting_url, uid, occurrence_key, starts_at, ends_at, false, title,
      false, organizer_email, count(*), count(*), count(*), 'attend', 'wanted',
      jsonb_build_object('copies', count(*), 'supporting', count(*)), now(), organizer_email,
      jsonb_build_array(jsonb_build_object('from', (extract(epoch from starts_at) * 1000)::bigint,
        'until', (extract(epoch from ends_at) * 1000)::bigint, 'since', 0))
    from event where ${isLoaded}
    group by platform, room_id, room_key, meeting_url, uid, occurrence_key, starts_at, ends_at, title, organizer_email`.execute(
    db,
  )
  await sql`
    insert into occurrence (room_key, uid, occurrence_key, meeting_id)
    select room_key, uid, occurrence_key, id from meeting
    on conflict do nothing`.execute(db)
  await sql`
    insert into occurrence_variant (room_key, uid, occurrence_key, variant, starts_at, ends_at, is_all_day, title, organizer_email,
      is_organizer_copy, visibility, kind, meeting_url, platform, room_id, copies, supporting, declined, cancelled, accepted, tentative, names_owner,
      first_known_at, placed_at)
    select room_key, uid, occurrence_key, variant, starts_at, ends_at, false, title, organizer_email,
      is_organizer_copy, visibility, kind, meeting_url, platform, room_id, count(*), count(*), 0, 0, count(*), 0, bool_and(names_owner),
      min(known_at), min(placed_at)
    from event where ${isLoaded}
    group by room_key, uid, occurrence_key, variant, is_organizer_copy, starts_at, ends_at, title, organizer_email, visibility, kind,
      meeting_url, platform, room_id`.execute(db)
}

/** Whose the invitations are, and who is in the group that the daily meeting of all names: what the directory said. */
async function insertAuthorities(db: Database, { people }: Shape): Promise<void> {
  await sql`
    insert into invitation (uid, organizer_email, proven_at, first_known_at)
    select uid, organizer_email, min(known_at) filter (where is_organizer_copy), min(known_at) from event where ${isLoaded}
    group by uid, organizer_email on conflict do nothing`.execute(db)
  await sql`
    insert into group_reading (group_address, noted_at, read_at, is_group) values ('all@example.com', now(), now(), true)`.execute(
    db,
  )
  await sql`
    insert into group_member (group_address, member_address)
    select 'all@example.com', 'person' || p || '@example.com' from generate_series(0, ${people}::int - 1) p`.execute(db)
  await sql`
    insert into setting (key, value) values ('people', '{"version": 1, "domains": ["example.com"]}')`.execute(db)
}

/** A scheduled bot with its waiting job for each meeting. The queue's rows are made after the pattern of one that it made itself. */
export async function insertBots(db: Database): Promise<void> {
  await sql`
    insert into bot (id, meeting_id, room_key, runner, state, join_at, attends_at, job_id, origin)
    select 'bot_' || left(replace(id::text, '-', ''), 16), id, room_key, 'browser', 'scheduled', starts_at, starts_at, gen_random_uuid(), 'calendar'
    from meeting m where not exists (select from bot b where b.meeting_id = m.id)`.execute(db)
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'rapporteur_jobs' and table_name = 'job' and is_generated = 'NEVER'`.execute(db)
  const special: Record<string, string> = {
    id: 'b.job_id',
    data: "jsonb_build_object('meetingId', b.meeting_id)",
    singleton_key: 'b.meeting_id::text',
    start_after: "b.join_at - interval '75 seconds'",
  }
  const columns = rows.map(({ name }) => sql.ref(name))
  const values = rows.map(({ name }) => sql.raw(special[name] ?? `pattern."${name}"`))
  await sql`
    insert into rapporteur_jobs.job (${sql.join(columns)})
    select ${sql.join(values)}
    from bot b cross join (select * from rapporteur_jobs.job where name = 'attend-meeting' limit 1) pattern
    where not exists (select from rapporteur_jobs.job j where j.id = b.job_id)`.execute(db)
}
