import { sql } from 'kysely'
import type { Database } from '../../src/platform/db/index.ts'

/** Far more than any step writes. */
const MOST_EVENTS_OF_A_STEP = 1_000

/**
 * What must hold after every step, whatever is on its way. As a list of what does not. What only a step can break is looked for among what
 * was written lately, or a long run would look through its whole past after each.
 */
export async function findBrokenAlways(db: Database, now: Date): Promise<unknown[]> {
  const { rows } = await sql`
    with lately as materialized (
      select id, bot_id, old_state, new_state from bot_event where id > (select max(id) from bot_event) - ${MOST_EVENTS_OF_A_STEP})
    select 'two live bots for a meeting' as what, meeting_id::text as id from bot
      where state not in ('ended', 'fatal_error', 'cancelled') and wanted = 'attend' group by meeting_id having count(*) > 1
    union all
    select 'two bots of the browser in a room', room_key from bot
      where state in ('joining', 'waiting_room', 'joined_recording', 'leaving') and runner = 'browser'
      group by room_key having count(*) > 1
    union all
    select 'a state without its event', b.id from bot b
      where b.state not in ('scheduled', 'staged') and b.state_at > ${now}::timestamptz - interval '1 hour' and not exists (
        select from bot_event e where e.bot_id = b.id and e.new_state = b.state)
    union all
    select 'an event after a final one', e.bot_id from lately e
      where e.old_state in ('ended', 'fatal_error', 'cancelled')
    union all
    select 'two jobs at work for a meeting', singleton_key from rapporteur_jobs.job
      where name = 'attend-meeting' and state = 'active' group by singleton_key having count(*) > 1
    union all
    select 'a count that is wrong', coalesce(v.uid, e.uid) from occurrence_variant v
      full join (select e.room_key, e.uid, e.occurrence_key, e.variant, count(*)::int as copies,
          (count(*) filter (where not is_cancelled and not has_vanished and own_response <> 'declined'
            and (c.state = 'connected' or e.ends_at <= c.disconnected_at)))::int as supporting
        from event e join calendar c on c.id = e.calendar_id where room_key is not null group by 1, 2, 3, 4) e
        using (room_key, uid, occurrence_key, variant)
      where v.copies is distinct from e.copies or v.supporting is distinct from e.supporting`.execute(db)
  return rows
}

/**
 * What must hold once nothing has happened for a while and a worker is there. `places`: seats in browsers of all workers that take work; a job
 * whose bot is gone waits for one like any other, to be found out and ended.
 */
export async function findBrokenAfterQuiet(
  db: Database,
  now: Date,
  { occupiedRooms, places }: { occupiedRooms: readonly string[]; places: number },
): Promise<unknown[]> {
  const { rows } = await sql`
    with planned as (
      select *, greatest(coalesce(seat_from, starts_at), case when reason = 'sent_by_person' or wish is null then wish_at end) as attended_at
      from meeting)
    select 'an attended meeting that runs, without a bot and without a reason' as what, m.id::text as id from planned m
      where m.decision = 'attend' and m.attended_at <= ${now}::timestamptz - interval '5 seconds'
        and m.ends_at > ${now}::timestamptz + interval '2 minutes'
        and not exists (select from bot b where b.meeting_id = m.id and b.state <> 'cancelled'
          and case when b.state in ('ended', 'fatal_error') then b.attends_at = m.attended_at else b.wanted <> 'linger' end)
    union all
    select 'an attended meeting to come, without a bot in step',
        concat_ws(' ', m.id, m.room_key, m.starts_at, m.reason, (select string_agg(concat_ws(' ', b.id, b.state, b.outcome, b.attends_at, b.join_at, b.room_key), '; ') from bot b where b.meeting_id = m.id))
      from planned m
      where m.decision = 'attend' and m.attended_at > ${now}::timestamptz + interval '2 minutes'
        and not exists (select from bot b where b.meeting_id = m.id
          and b.state not in ('ended', 'fatal_error', 'cancelled') and b.wanted <> 'linger'
          and (b.state not in ('scheduled', 'staged') or (b.join_at = m.attended_at and b.attends_at = b.join_at and b.room_key = m.room_key)))
    union all
    select 'a live bot for a meeting that is not attended', concat_ws(' ', b.id, b.state, b.wanted, m.decision, m.reason) from meeting m join bot b on b.meeting_id = m.id
      where b.state not in ('ended', 'fatal_error', 'cancelled') and m.decision <> 'attend'
        -- What vanished from the calendars goes on in the room until the bot is alone.
        and not (m.reason in ('gone', 'merged') and b.wanted = 'linger' and b.state in ('joined_recording', 'post_processing'))
    union all
    select 'a scheduled bot without its job', b.id from bot b
      where b.state = 'scheduled' and not exists (
        select from rapporteur_jobs.job j where j.id = b.job_id and j.state in ('created', 'retry', 'active'))
    union all
    select 'a bot that rests in ' || b.state || ' long after its meeting', b.id from bot b join meeting m on m.id = b.meeting_id
      where b.state not in ('ended', 'fatal_error', 'cancelled') and m.ends_at < ${now}::timestamptz - interval '10 minutes'
    union all
    select 'a row in its room without a seat', b.id from bot b
      where b.state = 'joined_recording' and not (b.room_key = any(${occupiedRooms}::text[]))
    union all
    select 'a seat without a row', o.room_key from unnest(${occupiedRooms}::text[]) as o (room_key)
      where not exists (select from bot b where b.room_key = o.room_key and b.state in ('joined_recording', 'leaving'))
    union all
    select 'a job without a bot', j.id::text from rapporteur_jobs.job j
      where j.name = 'attend-meeting' and j.state in ('created', 'retry', 'active') and not exists (
        select from bot b where b.job_id = j.id and b.state not in ('ended', 'fatal_error', 'cancelled'))
        and (j.state = 'active' or j.group_id is distinct from 'browser' or ${places} > (
          select count(*) from rapporteur_jobs.job held where held.name = j.name and held.state = 'active' and held.group_id = 'browser'))`.execute(
    db,
  )
  return rows
}

/** Milliseconds until the last seat of a worker that is gone may be taken by another, with the time to take it; 0 where there is none. */
export async function findLongestHold(
  db: Database,
  workers: readonly { name: string }[],
  nowMs: number,
): Promise<number> {
  const { rows } = await sql<{ until: Date | null }>`
    select max(j.heartbeat_on + j.heartbeat_seconds * interval '1 second') as until
    from rapporteur_jobs.job j join bot b on b.job_id = j.id
    where j.state = 'active' and b.state not in ('ended', 'fatal_error', 'cancelled')
      and coalesce(b.holder, '') <> all(${workers.map(({ name }) => name)}::text[])`.execute(db)
  const until = rows[0]?.until
  return until ? Math.max(0, until.getTime() - nowMs) + 3 * 60_000 : 0
}
