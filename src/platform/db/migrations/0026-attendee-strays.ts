import { type Kysely, sql } from 'kysely'

/** A server's bots stay ours until it says that they are gone, and what they bring is fetched whenever it is there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // Out of every room, or never made, by the server's own word.
  'alter table attendee_bot add column gone_at timestamptz',
  // Since when its words are stored here; its file may still come, or come first.
  'alter table attendee_bot add column brought_at timestamptz',
  'alter table attendee_bot add column media_at timestamptz',
  // The server has nothing more to be asked for it.
  'alter table attendee_bot add column settled_at timestamptz',
  // Not before then is it asked again; null: at once.
  'alter table attendee_bot add column looks_at timestamptz',
  // What keeps us from asking, or from fetching: an error's code.
  'alter table attendee_bot add column trouble text',
  'create index attendee_bot_unsettled on attendee_bot (bot_id) where settled_at is null',
  // What went before was settled where its bot was followed to its end; of the last day it is looked after once more.
  `update attendee_bot t set gone_at = now(), settled_at = now(), brought_at = now() from bot b
    where b.id = t.bot_id and b.state in ('ended', 'fatal_error', 'cancelled')
      and (b.state_at < now() - interval '1 day' or exists (select from part p where p.bot_id = b.id))`,
  // Who removed the bot from its meeting, by a notice of the server; empty where it gives no name.
  'alter table attendee_notice add column remover text',
]
