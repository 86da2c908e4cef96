import { sql } from 'kysely'
import { type Database, inTransaction } from '../../../../platform/db/index.ts'
import type { ServerTrial } from './try-server.ts'

/** What was last found when a server was tried. */
export interface StoredTrial {
  /** A platform, or `recordings`. */
  subject: string
  triedAt: Date
  /** What went wrong, as a code and in words; null where nothing did. */
  problem: { code: string; said: string } | null
  /** Why the bot of the trial could not be taken back; null where it was. */
  leftBehind: string | null
}

/** Stores what a trial found, in place of what the one before found. */
export async function writeTrial(db: Database, { platforms, storage }: ServerTrial, now: Date): Promise<void> {
  const found = [
    ...platforms.map(({ platform, problem, left }) => ({ subject: platform, problem, leftBehind: left })),
    { subject: 'recordings', problem: storage && { code: storage.code, said: storage.message }, leftBehind: null },
  ]
  await inTransaction(db, async (trx) => {
    await trx.deleteFrom('attendeeTrial').execute()
    for (const { subject, problem, leftBehind } of found) {
      const row = { triedAt: now, code: null, said: null, ...problem, leftBehind }
      await trx
        .insertInto('attendeeTrial')
        .values({ subject, ...row })
        .onConflict((conflict) => conflict.column('subject').doUpdateSet(row))
        .execute()
    }
  })
}

/** What was last found, but for what has been seen to be otherwise since: a platform to which the server has sent a bot. */
export async function listTrials(db: Database): Promise<StoredTrial[]> {
  const { rows } = await sql<Omit<StoredTrial, 'problem'> & { code: string | null; said: string | null }>`
    select subject, tried_at, code, said, left_behind from attendee_trial t
    where code is null or not exists (select from attendee_bot a join bot b on b.id = a.bot_id join meeting m on m.id = b.meeting_id
      where m.platform = t.subject and a.remote_id is not null and a.created_at > t.tried_at)
    order by subject`.execute(db)
  return rows.map(({ code, said, ...trial }) => ({
    ...trial,
    problem: code === null ? null : { code, said: said ?? '' },
  }))
}
