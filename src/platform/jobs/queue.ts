import { type Db, fromKysely, PgBoss, type Clock as QueueClock } from 'pg-boss'
import { AppError } from '../../base/errors.ts'
import type { Transaction } from '../db/index.ts'
import type { JobDefinition, JobRequest } from './job.ts'

export const QUEUE_SCHEMA = 'rapporteur_jobs'
/** Where jobs go that failed for good, to be shown and retried by a person. */
export const DEAD_LETTERS = 'dead-letters'

interface QueueLog {
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

interface OpenQueueOptions {
  databaseUrl: string
  /** Every kind of job there is; their queues are made or brought up to date. */
  jobs: readonly JobDefinition[]
  log: QueueLog
  /** Keeps the queue's house: retries, expiry, cron. One process of an installation is enough, several do no harm. */
  supervise: boolean
  /** Creates and migrates the queue's tables; otherwise they must be there. */
  migrate?: boolean
  /** A time of its own, for tests that let time pass. */
  clock?: QueueClock
}

/** The queue: sends jobs, and runs them once `startWorking` of work.ts is called on it. */
export interface Queue extends AsyncDisposable {
  readonly boss: PgBoss
  readonly jobs: readonly JobDefinition[]
  readonly log: QueueLog
}

/** Opens the queue on its own small pool. Two definitions of one name are an error. */
export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  refuseDoubles(options.jobs)
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    schema: QUEUE_SCHEMA,
    application_name: 'rapporteur-jobs',
    max: 3,
    // A statement that a broken network swallowed ends, and with it its connection. Passed on to pg, which has it and not the types.
    ...({ query_timeout: 30_000 } as object),
    supervise: options.supervise,
    schedule: options.supervise,
    migrate: options.migrate ?? true,
    createSchema: options.migrate ?? true,
    useListenNotify: options.supervise,
    cronMonitorIntervalSeconds: 5,
    cronWorkerIntervalSeconds: 2,
    warningQueueSize: 1_000_000,
    ...(options.clock ? { clock: options.clock } : {}),
  })
  boss.on('error', (error) => options.log.warn('The queue reports a problem', { error }))
  boss.on('warning', (warning) => options.log.warn('The queue warns', { warning }))
  await boss.start()
  if (options.migrate ?? true) await createIndexes(boss)
  await createQueues(boss, options.jobs, options.supervise)
  return {
    boss,
    jobs: options.jobs,
    log: options.log,
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: false, close: true })
    },
  }
}

/**
 * What is due and what is held is asked for each second, among all that waits for its day. The queue has no index that leads there.
 * One transaction under a lock: two programs that start at once would both find that an index is missing.
 */
async function createIndexes(boss: PgBoss): Promise<void> {
  const table = `${QUEUE_SCHEMA}.job_common`
  await boss.getDb().executeSql(`
    select pg_advisory_xact_lock(hashtextextended('${table} indexes', 0));
    create index if not exists rapporteur_due on ${table} (name, start_after) where state < 'active' and not blocked;
    create index if not exists rapporteur_held on ${table} (name) where state = 'active'`)
}

/**
 * Sends jobs inside the caller's transaction: they exist when it commits and never were when it rolls back. A job whose key is
 * taken is dropped as its policy says. Sorted, so that two senders of the same keys never wait for each other.
 */
export async function sendJobs(queue: Queue, trx: Transaction, requests: readonly JobRequest[]): Promise<void> {
  await insertJobs(queue, requests, fromKysely(trx.withoutPlugins()))
}

/** Sends jobs in a statement of their own, where nothing else has to be true with them. */
export async function sendJobsNow(queue: Queue, requests: readonly JobRequest[]): Promise<void> {
  await insertJobs(queue, requests, undefined)
}

async function insertJobs(queue: Queue, requests: readonly JobRequest[], db: Db | undefined): Promise<void> {
  const byName = Map.groupBy(requests, (request) => request.job.name)
  for (const name of [...byName.keys()].sort()) {
    const sorted = (byName.get(name) ?? []).toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
    const rows = sorted.map((request) => ({
      data: request.job.payload.parse(request.payload),
      ...(request.key === undefined ? {} : { singletonKey: request.key }),
      ...(request.startAfter === undefined ? {} : { startAfter: request.startAfter }),
      ...orderOf(request),
      ...turnOf(request.job, request.key),
    }))
    await queue.boss.insert(name, rows, db === undefined ? {} : { db })
  }
}

function orderOf({ priority, group }: JobRequest): { priority?: number; group?: { id: string } } {
  return { ...(priority === undefined ? {} : { priority }), ...(group === undefined ? {} : { group: { id: group } }) }
}

/**
 * The queue's own policy `stately` leaves out keys that were running when it last counted its jobs, for up to two minutes, and takes nothing
 * at all while a job waits whose key runs (pg-boss 12.35). One waits of each key by the policy `short`, and one runs by groups of one.
 */
function turnOf(job: Pick<JobDefinition, 'name' | 'policy'>, key?: string): { group?: { id: string } } {
  return job.policy === 'stately' ? { group: { id: key ?? job.name } } : {}
}

async function createQueues(boss: PgBoss, jobs: readonly JobDefinition[], schedule: boolean): Promise<void> {
  await ensureQueue(boss, DEAD_LETTERS, { policy: 'standard', retentionSeconds: 30 * 86_400, retryLimit: 0 })
  for (const job of jobs) {
    const immediate = job.cron === undefined && !job.isHeld && !job.isDelayed
    await ensureQueue(boss, job.name, {
      policy: job.policy === 'stately' ? 'short' : job.policy,
      retryLimit: job.retryLimit,
      retryDelay: job.retryDelaySeconds,
      // Pauses of at least a second: a held job that was lost is wanted at once.
      ...(job.isHeld ? { retryBackoff: false } : { retryBackoff: true, retryDelayMax: job.retryDelayMaxSeconds }),
      expireInSeconds: job.expireInSeconds,
      heartbeatSeconds: job.heartbeatSeconds,
      deadLetter: DEAD_LETTERS,
      deleteAfterSeconds: 86_400,
      notify: immediate,
    })
    if (schedule && job.cron) await boss.schedule(job.name, job.cron, {}, { tz: 'UTC', ...turnOf(job) })
  }
}

type QueueSettings = NonNullable<Parameters<PgBoss['createQueue']>[1]>

async function ensureQueue(boss: PgBoss, name: string, settings: QueueSettings): Promise<void> {
  if ((await boss.getQueue(name)) === null) {
    await boss.createQueue(name, settings)
    return
  }
  const { policy, ...changeable } = settings
  await changePolicy(boss, name, policy)
  await boss.updateQueue(name, changeable)
}

/** Of a queue that an earlier version made, with the jobs that wait in it. */
async function changePolicy(boss: PgBoss, name: string, policy: QueueSettings['policy']): Promise<void> {
  const changed = await boss
    .getDb()
    .executeSql(
      `update ${QUEUE_SCHEMA}.queue set policy = $2, singletons_active = null where name = $1 and policy <> $2 returning name`,
      [name, policy],
    )
  if (changed.rows.length === 0) return
  await boss.getDb().executeSql(
    `update ${QUEUE_SCHEMA}.job set policy = $2, group_id = coalesce(group_id, singleton_key, name)
      where name = $1 and policy <> $2 and state <= 'active'`,
    [name, policy],
  )
}

function refuseDoubles(jobs: readonly JobDefinition[]): void {
  const seen = new Set<string>()
  for (const job of jobs) {
    if (seen.has(job.name)) throw new AppError('job_defined_twice', `The job "${job.name}" is defined twice.`)
    seen.add(job.name)
  }
}

/** A job for a time, with an id of the caller's choosing by which it can be moved and cancelled cheaply. */
export interface TimedJobRequest extends JobRequest {
  id: string
  startAfter: Date
}

/** Sends jobs for a time inside the caller's transaction. A taken key is an error here: such a job must exist. */
export async function sendTimedJobs(
  queue: Queue,
  trx: Transaction,
  requests: readonly TimedJobRequest[],
): Promise<void> {
  const sorted = requests.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
  for (const [name, ofName] of Map.groupBy(sorted, (request) => request.job.name)) {
    const rows = ofName.map((request) => ({
      id: request.id,
      data: request.payload,
      startAfter: request.startAfter,
      ...(request.key === undefined ? {} : { singletonKey: request.key }),
      ...orderOf(request),
    }))
    const sent = await queue.boss.insert(name, rows, { db: fromKysely(trx.withoutPlugins()), returnId: true })
    if ((sent?.length ?? 0) !== rows.length) throw keyTaken(name)
  }
}

function keyTaken(name: string): AppError {
  return new AppError('job_key_taken', `The job "${name}" before this one is just ending. Try again in a moment.`, {
    retry: 'later',
  })
}

/** Moves a job that waits for its time. */
export async function moveTimedJob(queue: Queue, trx: Transaction, request: TimedJobRequest): Promise<void> {
  const db = fromKysely(trx.withoutPlugins())
  const { id, startAfter } = request
  await queue.boss.update(request.job.name, undefined, { id, startAfter, ...orderOf(request), db })
}

/** Lets a job that waits for its time go before others. */
export async function preferJob(
  queue: Queue,
  trx: Transaction,
  job: { name: string; id: string; priority: number },
): Promise<void> {
  const db = fromKysely(trx.withoutPlugins())
  await queue.boss.update(job.name, undefined, { id: job.id, priority: job.priority, db })
}

/** Cancels jobs that wait for their time. */
export async function cancelTimedJobs(
  queue: Queue,
  trx: Transaction,
  name: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await queue.boss.cancel(name, [...ids], { db: fromKysely(trx.withoutPlugins()) })
}
