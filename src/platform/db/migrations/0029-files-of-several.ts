import { type Kysely, sql } from 'kysely'

/** The other meetings whose sound the file of a recording holds as well, since it could not be cut. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table recording add column also_of uuid[] not null default '{}'`,
  // Until now no file of a server was cut: those of bots that were still there when another meeting's was ordered into their room.
  `update recording r set also_of = s.meeting_ids from (
    select mine.meeting_id, array_agg(distinct o.meeting_id) as meeting_ids
    from attendee_bot m join bot mine on mine.id = m.bot_id
      join bot o on o.room_key = mine.room_key and o.meeting_id <> mine.meeting_id
      join attendee_bot t on t.bot_id = o.id
      cross join lateral (select min(e.created_at) filter (where e.new_state = 'joined_recording') as came_at,
        max(e.created_at) as went_at from bot_event e where e.bot_id = mine.id) stay
    where t.created_at > stay.came_at and t.created_at < stay.went_at
    group by mine.meeting_id) s
  where s.meeting_id = r.meeting_id and r.content_type is not null`,
]
