import { type Kysely, sql } from 'kysely'

/**
 * How a plan begins, in one answer instead of five: it locks the invitations, then every room that their copies name, since only who holds an
 * invitation knows its rooms; each statement of the function sees what was committed while the one before waited. Answers what decides on all
 * meetings, and where links lead that are called otherwise, as both are once the locks are held.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create function begin_plan(uids text[], room_keys text[])
      returns table (attendance jsonb, rule_mark jsonb, people_version int, aliases jsonb) language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(key) from (
        select distinct hashtextextended('uid ' || uid, 0) as key from unnest(uids) as uid order by key) keys;
      perform pg_advisory_xact_lock(key) from (
        select distinct hashtextextended('room ' || room_key, 0) as key from (
          select unnest(room_keys) as room_key
          union all select o.room_key from unnest(uids) as u (uid), lateral (
            select room_key from occurrence o where o.uid = u.uid offset 0) o) rooms
        order by key) keys;
      perform pg_advisory_xact_lock_shared(hashtextextended('policy', 0));
      return query select
        (select value from setting where key = 'attendance'),
        (select jsonb_build_object('version', version, 'sourceHash', source_hash) from rule_version order by version desc limit 1),
        coalesce((select (value ->> 'version')::int from setting where key = 'people'), 0),
        (select jsonb_agg(jsonb_build_array(alias_key, platform, room_id, room_key)) from room_alias where alias_key = any(room_keys));
    end $$`)
    .execute(db)
}
