import { type Db, fromKysely, type JobWithMetadata } from 'pg-boss'
import { describeError } from '../../base/errors.ts'
import type { Transaction } from '../db/index.ts'
import type { JobDefinition } from './job.ts'
import { QUEUE_SCHEMA, type Queue } from './queue.ts'

/** A job that is held for as long as its work takes, by its holder's signs of life. */
export interface HeldJob<Payload extends object = object> {
  id: string
  /** Rises each time the job is taken after it was lost: whoever holds an earlier attempt holds nothing. */
  attempt: number
  payload: Payload
  /** As it was sent with. */
  group: string | null
  /** Without a sign of life for this long the job is given to somebody else. */
  heartbeatMs: number
}

/** pg-boss 12.35 answers the ids that a statement reached, and types the answer as empty. */
interface Settled {
  settled: string[]
}

type JobRef = Pick<HeldJob, 'id' | 'attempt'>

/** Whether a job of this kind is due and not held. */
export async function isAnyDue(queue: Queue, name: string): Promise<boolean> {
  const { rows } = await queue.boss.getDb().executeSql(
    `select exists (select from ${QUEUE_SCHEMA}.job
      where name = $1 and state < 'active' and not blocked and start_after <= ${QUEUE_SCHEMA}.job_now()) as is_due`,
    [name],
  )
  return (rows as { is_due: boolean }[])[0]?.is_due ?? false
}

/** How many jobs of a kind are held, by the group they were sent with: all but those whose holder was not heard of for a heartbeat. */
export async function countHeldJobs(queue: Queue, name: string, trx?: Transaction): Promise<Map<string, number>> {
  const db = trx ? fromKysely(trx.withoutPlugins()) : queue.boss.getDb()
  // The condition on the group lets the queue's own index of held jobs answer.
  const { rows } = await db.executeSql(
    `select group_id, count(*)::int as count from ${QUEUE_SCHEMA}.job
      where name = $1 and state = 'active' and group_id is not null group by group_id`,
    [name],
  )
  return new Map((rows as { group_id: string; count: number }[]).map(({ group_id, count }) => [group_id, count]))
}

/**
 * Takes up to `limit` jobs that are due, in the caller's transaction. Once it commits each must be touched within its heartbeat, and completed
 * in the end.
 */
export async function fetchJobs<Payload extends object>(
  queue: Queue,
  trx: Transaction,
  job: JobDefinition<Payload>,
  { limit, minPriority }: { limit: number; minPriority?: number },
): Promise<HeldJob<Payload>[]> {
  if (limit <= 0) return []
  const db = fromKysely(trx.withoutPlugins())
  const only = minPriority === undefined ? {} : { minPriority }
  const taken = await queue.boss.fetch<object>(job.name, { batchSize: limit, ...only, db })
  await holdAsUsual(db, job, taken)
  const held: HeldJob<Payload>[] = []
  for (const { id, data, retryCount, groupId } of taken) {
    try {
      const heartbeatMs = job.heartbeatSeconds * 1_000
      held.push({ id, attempt: retryCount, payload: job.payload.parse(data), group: groupId ?? null, heartbeatMs })
    } catch (error) {
      queue.log.error('A job has a payload that is none', { job: job.name, jobId: id, error })
      await queue.boss.fail(job.name, { id, retryCount }, { message: describeError(error) }, { db })
    }
  }
  return held
}

/** Says that the holder of these jobs is alive. Answers the ids of those that it still holds. */
export async function touchJobs(
  queue: Queue,
  name: string,
  jobs: readonly JobRef[],
  trx?: Transaction,
): Promise<Set<string>> {
  if (jobs.length === 0) return new Set()
  const options = trx ? { db: fromKysely(trx.withoutPlugins()) } : {}
  const answer = (await queue.boss.touch(name, jobs.map(toAttempt), options)) as Settled
  return new Set(answer.settled)
}

/** How long an earlier holder had it for is nothing to the new one. */
async function holdAsUsual(
  db: Db,
  { name, heartbeatSeconds }: JobDefinition,
  jobs: readonly Pick<JobWithMetadata, 'id' | 'heartbeatSeconds'>[],
): Promise<void> {
  const other = jobs.filter((job) => job.heartbeatSeconds !== heartbeatSeconds).map(({ id }) => id)
  if (other.length === 0) return
  await db.executeSql(
    `update ${QUEUE_SCHEMA}.job set heartbeat_seconds = $3 where name = $1 and id = any($2::uuid[])`,
    [name, other, heartbeatSeconds],
  )
}

/**
 * Says that the holder of these jobs is alive, and for how many seconds from now nobody else may have each. Done later than `notAfter` of the
 * database's time, which may be long after it was asked, it changes nothing. Answers the ids of those that it still holds, and the database's time.
 */
export async function holdJobs(
  queue: Queue,
  name: string,
  jobs: readonly (JobRef & { holdSeconds: number })[],
  notAfter?: Date,
): Promise<{ ours: Set<string>; at: Date }> {
  const { rows } = await queue.boss.getDb().executeSql(
    `with held as (
      update ${QUEUE_SCHEMA}.job j set heartbeat_on = ${QUEUE_SCHEMA}.job_now(), heartbeat_seconds = asked.seconds
      from unnest($2::uuid[], $3::int[], $4::int[]) as asked (id, attempt, seconds)
      where j.name = $1 and j.id = asked.id and j.retry_count = asked.attempt and j.state = 'active'
        and ($5::timestamptz is null or ${QUEUE_SCHEMA}.job_now() <= $5::timestamptz)
      returning j.id)
    select ${QUEUE_SCHEMA}.job_now() as at, coalesce(array_agg(id::text), '{}') as ids from held`,
    [
      name,
      jobs.map(({ id }) => id),
      jobs.map(({ attempt }) => attempt),
      jobs.map(({ holdSeconds }) => holdSeconds),
      notAfter ?? null,
    ],
  )
  const [{ at, ids }] = rows as [{ at: Date; ids: string[] }]
  return { ours: new Set(ids), at }
}

/** Gives held jobs back whose holder is known to be gone, in the caller's transaction: they are due at once. */
export async function giveBackJobs(
  queue: Queue,
  trx: Transaction,
  name: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const db = fromKysely(trx.withoutPlugins())
  const { rows } = await db.executeSql(
    `select id, retry_count from ${QUEUE_SCHEMA}.job where name = $1 and id = any($2::uuid[]) and state = 'active' for update`,
    [name, ids],
  )
  const held = (rows as { id: string; retry_count: number }[]).map(({ id, retry_count: retryCount }) => ({
    id,
    retryCount,
  }))
  if (held.length > 0) await queue.boss.fail(name, held, { message: 'The process that did it is gone.' }, { db })
}

/** Ends a held job with the transaction that did its last work; false, and nothing done, where somebody else holds it. */
export async function completeJob(queue: Queue, trx: Transaction, name: string, job: JobRef): Promise<boolean> {
  const db = fromKysely(trx.withoutPlugins())
  const answer = (await queue.boss.complete(name, toAttempt(job), null, { db })) as Settled
  return answer.settled.length > 0
}

/** Of some jobs, those that wait for their time or are held. */
export async function findLiveJobs(
  queue: Queue,
  name: string,
  ids: readonly string[],
  trx?: Transaction,
): Promise<Map<string, 'waiting' | 'held'>> {
  if (ids.length === 0) return new Map()
  const db = trx ? fromKysely(trx.withoutPlugins()) : queue.boss.getDb()
  const { rows } = await db.executeSql(
    `select id, state::text as state from ${QUEUE_SCHEMA}.job where name = $1 and id = any($2::uuid[]) and state <= 'active'`,
    [name, ids],
  )
  return new Map(
    (rows as { id: string; state: string }[]).map(({ id, state }) => [id, state === 'active' ? 'held' : 'waiting']),
  )
}

function toAttempt({ id, attempt }: JobRef): { id: string; retryCount: number } {
  return { id, retryCount: attempt }
}
