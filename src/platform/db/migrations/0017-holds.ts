import { type Kysely, sql } from 'kysely'

/** What was seen of a bot that nobody launched; and where a worker runs, so that another one there can tell that it is gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // When a worker last saw it wait because every place was taken.
  'alter table bot add column place_missing_at timestamptz',
  // The machine, its start, and the socket on which the worker listens for as long as it lives; null where it has none.
  `alter table worker
    add column machine text,
    add column booted text,
    add column socket text`,
]
