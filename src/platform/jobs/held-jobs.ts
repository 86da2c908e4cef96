import { fromKysely } from 'pg-boss'
import type { Transaction } from '../db/index.ts'
import type { JobDefinition } from './job.ts'
import type { Queue } from './queue.ts'

/** A job that is held for as long as its work takes, by its holder's signs of life. */
export interface HeldJob<Payload extends object> {
  id: string
  payload: Payload
}

/** Takes up to `limit` jobs that are due. Each must be touched within the heartbeat of its kind, and completed in the end. */
export async function fetchJobs<Payload extends object>(
  queue: Queue,
  job: JobDefinition<Payload>,
  limit: number,
): Promise<HeldJob<Payload>[]> {
  const taken = await queue.boss.fetch<object>(job.name, { batchSize: limit })
  return taken.map(({ id, data }) => ({ id, payload: job.payload.parse(data) }))
}

/** Says that the holder of these jobs is alive. */
export async function touchJobs(queue: Queue, name: string, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await queue.boss.touch(name, [...ids])
}

/** Ends a held job with the transaction that did its last work. */
export async function completeJob(queue: Queue, trx: Transaction, name: string, id: string): Promise<void> {
  await queue.boss.complete(name, id, null, { db: fromKysely(trx.withoutPlugins()) })
}
