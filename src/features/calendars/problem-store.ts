import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import type { SourceProblem } from './event.ts'

const MAX_PROBLEMS = 1_000

/** Replaces the problems of some items of a calendar, or, with `uids` undefined, those that belong to no item. */
export async function replaceProblems(
  trx: Transaction,
  calendarId: string,
  uids: readonly string[] | undefined,
  problems: readonly SourceProblem[],
  now: Date,
): Promise<void> {
  const stale = trx.deleteFrom('calendarProblem').where('calendarId', '=', calendarId)
  if (uids === undefined) await stale.where('uid', 'is', null).execute()
  else if (uids.length > 0) await stale.where('uid', '=', sql<string>`any(${[...uids]}::text[])`).execute()
  if (problems.length === 0) return
  await trx
    .insertInto('calendarProblem')
    .values(problems.slice(0, MAX_PROBLEMS).map((problem) => ({ raw: null, ...problem, calendarId, noticedAt: now })))
    .execute()
}

/** Forgets entries that could not be read and are not there any more. */
export async function forgetUnreadable(
  trx: Transaction,
  calendarId: string,
  stillThere: readonly string[],
): Promise<void> {
  await trx
    .deleteFrom('calendarProblem')
    .where('calendarId', '=', calendarId)
    .where('code', '=', 'event_unreadable')
    .where('uid', '<>', sql<string>`all(${stillThere}::text[])`)
    .execute()
}

export async function listProblems(db: Database, calendarId: string): Promise<SourceProblem[]> {
  return db
    .selectFrom('calendarProblem')
    .select(['code', 'message', 'uid', 'title'])
    .where('calendarId', '=', calendarId)
    .orderBy('id')
    .limit(MAX_PROBLEMS)
    .execute()
}
