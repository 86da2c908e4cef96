import { type Kysely, sql } from 'kysely'

/** What a person said can be taken back, and is found again when a series is split; and jobs are counted by the runner of their bot. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  'alter table wish drop constraint wish_wish_check',
  "alter table wish add constraint wish_wish_check check (wish in ('attend', 'none', 'as_planned'))",
  // The UID that the parts of a split series have in common.
  "alter table wish add column series_uid text not null default ''",
  "update wish set series_uid = regexp_replace(uid, '_R\\d{8}(T\\d{6}Z?)?(?=@google\\.com$)', '')",
  'alter table wish alter column series_uid drop default',
  'create index wish_series on wish (series_uid)',
  // Where on the time line of its meeting a file of somebody else's making begins.
  'alter table recording add column file_started_ms integer not null default 0',
  // The total of seats is counted by this; jobs that were sent before have none.
  `do $$ begin
    if to_regclass('rapporteur_jobs.job') is not null then
      update rapporteur_jobs.job j set group_id = b.runner
        from bot b where j.name = 'attend-meeting' and j.id = b.job_id and j.group_id is null and j.state <= 'active';
    end if;
  end $$`,
]
