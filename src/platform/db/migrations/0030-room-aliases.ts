import { type Kysely, sql } from 'kysely'

/** Links of which their platform itself said that they lead to a room of another name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table room_alias (
        alias_key text primary key,
        platform text not null,
        room_id text not null,
        room_key text not null,
        known_at timestamptz not null
      )`,
    )
    .execute(db)
}
