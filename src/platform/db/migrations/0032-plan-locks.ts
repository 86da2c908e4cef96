import { type Kysely, sql } from 'kysely'

/**
 * What a plan locks, in one answer instead of four: the invitations, then every room that their copies name, since only who holds an invitation
 * knows its rooms; each statement of the function sees what was committed while the one before waited. Answers where links lead that are called
 * otherwise, as it is once the rooms are locked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create function lock_plan(uids text[], room_keys text[]) returns setof room_alias language plpgsql as $$
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
      return query select * from room_alias where alias_key = any(room_keys);
    end $$`)
    .execute(db)
}
