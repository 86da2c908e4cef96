import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Database, Transaction } from '../../../platform/db/index.ts'
import type { RunnerName } from '../../bots/index.ts'

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
  /** Where it runs; null where others could not tell whether it lives. */
  place: WorkerPlace | null
}

/** Where a process runs, so that others on the same machine can tell whether it still does. */
export interface WorkerPlace {
  machine: string
  /** Another one after each start of the machine. */
  booted: string
  /** The path of a socket on which it listens for as long as it lives. */
  socket: string
}

/** A worker that has not been seen for this long counts as gone. */
const WORKER_GONE_MS = 30_000

/** Writes down what a worker says of itself. */
export async function noteWorker(db: Database, worker: WorkerFacts): Promise<void> {
  const { place, ...facts } = worker
  const row = { ...facts, ...(place ?? { machine: null, booted: null, socket: null }) }
  const { id, startedAt: _, ...changing } = row
  await db
    .insertInto('worker')
    .values(row)
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

/** Signals that a worker has come. */
export const WORKER_SIGNAL = 'worker_came'

/** Tells the other workers that there is one more. */
export async function announceWorker(db: Database): Promise<void> {
  await sql`select pg_notify(${WORKER_SIGNAL}, '')`.execute(db)
}

/** A worker of which nothing is left is not looked for any more. */
export async function noteWorkerGone(trx: Transaction, id: string): Promise<void> {
  await trx.updateTable('worker').set({ machine: null, booted: null, socket: null }).where('id', '=', id).execute()
}

/** The workers of the last day, gone or not. */
export function readWorkersOfDay(db: Database | Transaction): Promise<WorkerFacts[]> {
  return select(db, sql`true`)
}

/** The workers that were seen within the last half minute, and on one machine those that nobody has found to be gone. */
export function readNeighbours(db: Database, machine: string | undefined, now: Date): Promise<WorkerFacts[]> {
  return select(db, sql`seen_at > ${liveSince(now)} or machine = ${machine ?? null}`)
}

/** The workers that were seen within the last half minute. */
export function readWorkers(db: Database, now: Date): Promise<WorkerFacts[]> {
  return select(db, sql`seen_at > ${liveSince(now)}`)
}

function liveSince(now: Date): Date {
  return new Date(now.getTime() - WORKER_GONE_MS)
}

async function select(db: Database | Transaction, where: RawBuilder<unknown>): Promise<WorkerFacts[]> {
  const rows = await db
    .selectFrom('worker')
    .selectAll()
    .where(where as RawBuilder<SqlBool>)
    .orderBy('startedAt')
    .execute()
  return rows.map(({ machine, booted, socket, runners, ...facts }) => ({
    ...facts,
    runners: runners as RunnerName[],
    place: machine !== null && booted !== null && socket !== null ? { machine, booted, socket } : null,
  }))
}

/** Whether a worker was seen within the last half minute. */
export function isLive({ seenAt }: Pick<WorkerFacts, 'seenAt'>, now: Date): boolean {
  return seenAt > liveSince(now)
}
