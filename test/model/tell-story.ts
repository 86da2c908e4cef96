import { sql } from 'kysely'
import type { Database } from '../../src/platform/db/index.ts'

/** What happened lately to the bots and rooms that a message names, for whoever has to understand a run. */
export async function tellStory(db: Database, message: string): Promise<string> {
  const named = [...message.matchAll(/bot_\w{16}|(?:sandbox|jitsi):[^\s"]+/g)].map(([name]) => name)
  const { rows } = await sql<{ line: string }>`
    select concat_ws(' ', to_char(e.created_at at time zone 'UTC', 'HH24:MI:SS.MS'), b.id, 'of', left(b.meeting_id::text, 8), right(b.room_key, 5),
      e.type, e.sub_type, '->', e.new_state, '| now', b.state, b.wanted, 'fence', b.fence, b.holder, 'job', left(b.job_id::text, 8), j.state) as line
    from bot_event e join bot b on b.id = e.bot_id left join rapporteur_jobs.job j on j.id = b.job_id
    where b.id = any(${named}::text[]) or b.room_key = any(${named}::text[]) order by e.id desc limit 60`.execute(db)
  return rows
    .map(({ line }) => line)
    .toReversed()
    .join('\n')
}
