import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import type { RunnerName } from './bot.ts'

/** A process that attends meetings, as it last said of itself. */
export interface WorkerFacts {
  id: string
  startedAt: Date
  seenAt: Date
  /** Seats of our browser that it may have at once, and has. */
  capacity: number
  seats: number
  runners: RunnerName[]
  isDraining: boolean
}

/** A worker that has not been seen for this long counts as gone. */
const WORKER_GONE_MS = 30_000

/** Writes down what a worker says of itself. */
export async function noteWorker(db: Database, worker: WorkerFacts): Promise<void> {
  const { id, startedAt: _, ...changing } = worker
  await db
    .insertInto('worker')
    .values(worker)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
    .execute()
  await sql`delete from worker where id <> ${id} and seen_at < ${worker.seenAt}::timestamptz - interval '1 day'`.execute(
    db,
  )
}

/** A worker that has stopped says so, so that nobody waits for it. */
export async function forgetWorker(db: Database, id: string): Promise<void> {
  await db.deleteFrom('worker').where('id', '=', id).execute()
}

/** The workers that were seen within the last half minute. */
export async function readWorkers(db: Database, now: Date): Promise<WorkerFacts[]> {
  const rows = await db
    .selectFrom('worker')
    .select(['id', 'startedAt', 'seenAt', 'capacity', 'seats', 'runners', 'isDraining'])
    .where('seenAt', '>', new Date(now.getTime() - WORKER_GONE_MS))
    .orderBy('startedAt')
    .execute()
  return rows as WorkerFacts[]
}
