import { sql } from 'kysely'
import type { Database } from '../../src/platform/db/index.ts'

/** What is stored of the meetings that a message names, and what happened lately to the bots and rooms, for whoever has to understand a run. */
export async function tellStory(db: Database, message: string): Promise<string> {
  const meetings = [...message.matchAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g)].map(([id]) => id)
  const named = [...message.matchAll(/bot_\w{16}|(?:sandbox|jitsi):[^\s"]+/g)].map(([name]) => name)
  const { rows } = await sql<{ line: string }>`
    (select concat_ws(' ', left(m.id::text, 8), right(m.room_key, 5), m.uid, m.occurrence_key, ${time('m.starts_at')}, 'to', ${time('m.ends_at')},
        m.decision, m.reason, m.reason_detail, 'copies', m.copies, m.wish, ${time('m.wish_at')}, 'written', ${time('m.updated_at')}) as line
      from meeting m where m.id = any(${meetings}::uuid[]))
    union all (select concat_ws(' ', 'bot', b.id, left(b.meeting_id::text, 8), right(b.room_key, 5), 'joins', ${time('b.join_at')}, b.state, b.outcome,
        b.wanted, 'made', ${time('b.created_at')}, 'in its state since', ${time('b.state_at')})
      from bot b where b.meeting_id = any(${meetings}::uuid[]) order by b.created_at)
    union all (select concat_ws(' ', 'decided', left(d.meeting_id::text, 8), ${time('d.decided_at')}, d.decision, d.reason, d.origin, 'for', ${time('d.starts_at')})
      from meeting_decision d where d.meeting_id = any(${meetings}::uuid[]) order by d.id)
    union all (select line from (
      select e.id, concat_ws(' ', ${time('e.created_at')}, b.id, 'of', left(b.meeting_id::text, 8), right(b.room_key, 5),
        e.type, e.sub_type, '->', e.new_state, '| now', b.state, b.wanted, 'fence', b.fence, b.holder, 'job', left(b.job_id::text, 8), j.state) as line
      from bot_event e join bot b on b.id = e.bot_id left join rapporteur_jobs.job j on j.id = b.job_id
      where b.id = any(${named}::text[]) or b.room_key = any(${named}::text[]) order by e.id desc limit 60) lately order by id)`.execute(
    db,
  )
  return rows.map(({ line }) => line).join('\n')
}

function time(column: string) {
  return sql`to_char(${sql.ref(column)} at time zone 'UTC', 'DD HH24:MI:SS.MS')`
}
