import { type Kysely, sql } from 'kysely'

/** Who holds a bot, since when it is in its state, and how its attempt ended; and which workers there are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table bot
    add column holder text,
    add column state_at timestamptz not null default now(),
    add column outcome text`,
  'update bot set state_at = updated_at',
  // A job's bots: more than one where meetings of a room share a seat.
  'create index bot_job on bot (job_id)',
  `create index bot_live on bot (join_at) where state not in ('ended', 'fatal_error', 'cancelled')`,
  // Written by each worker every few seconds; a worker that is gone is forgotten after a day.
  `create table worker (
    id text primary key,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    capacity integer not null,
    seats integer not null,
    runners text[] not null,
    is_draining boolean not null default false
  )`,
]
