import { type Kysely, sql } from 'kysely'

/** How new an item is, so that an older state of it that arrives late changes nothing; also of items that are gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The provider's own, in a form whose order is that of the text; empty where nothing is known: then any other is newer.
  await sql.raw('alter table calendar_item add column version text collate "C" not null default \'\'').execute(db)
  await sql
    .raw(
      `create table gone_item (
        calendar_id uuid not null references calendar (id) on delete cascade,
        item_id text not null,
        version text collate "C" not null,
        gone_at timestamptz not null,
        primary key (calendar_id, item_id)
      )`,
    )
    .execute(db)
  await sql.raw('create index gone_item_gone on gone_item (gone_at)').execute(db)
}
