import { monotonicMs } from '../../base/clock.ts'
import { QUEUE_SCHEMA, type Queue } from './queue.ts'

/** Jobs are looked at this often; what was lost is taken by somebody else at the next look of a worker. */
const LOOK_EVERY_MS = 1_000
const SILENT = `name = any($1::text[]) and state = 'active' and heartbeat_on + heartbeat_seconds * interval '1 second' < ${QUEUE_SCHEMA}.job_now()`

/**
 * Gives the jobs back whose holders gave no sign of life within their heartbeat, to be retried as after any failure. The queue's own
 * supervision would do it too, but reads all jobs at each pass, also the hundreds of thousands that wait for their day.
 */
export async function giveBackLostJobs({ boss, jobs }: Queue): Promise<void> {
  const names = jobs.map(({ name }) => name)
  const db = boss.getDb()
  const { rows: found } = await db.executeSql(`select from ${QUEUE_SCHEMA}.job where ${SILENT} limit 1`, [names])
  if (found.length === 0) return
  const transaction = await db.beginTransaction?.()
  if (!transaction) throw new Error('The queue has no connections of its own')
  try {
    // Whoever is just giving a sign, or is given back by another process, is left alone.
    const { rows } = await transaction.db.executeSql(
      `select name, id, retry_count from ${QUEUE_SCHEMA}.job where ${SILENT} order by name, id for update skip locked`,
      [names],
    )
    const lost = Map.groupBy(rows as { name: string; id: string; retry_count: number }[], ({ name }) => name)
    for (const [name, ofName] of lost) {
      const attempts = ofName.map(({ id, retry_count: retryCount }) => ({ id, retryCount }))
      await boss.fail(name, attempts, { message: 'Whoever did it gave no sign of life.' }, { db: transaction.db })
    }
    await transaction.commit()
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/** Where the database's clock and ours have passed this differently between two looks, one of them was set. */
const TOLERANCE_MS = 2_000
/** By then every holder that is alive has given a sign by the new time. */
const UNSURE_MS = 30_000

/**
 * Tells, at each answer of the database's time, whether that clock runs as this machine's monotonic one does, and has for a while. An answer
 * was given some time between `askedMs` and `answeredMs`.
 */
export function createClockCheck(): (databaseNow: Date, askedMs: number, answeredMs: number) => boolean {
  let ahead = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
  let unsureUntilMs = Number.NEGATIVE_INFINITY
  return (databaseNow, askedMs, answeredMs) => {
    const now = { least: databaseNow.getTime() - answeredMs, most: databaseNow.getTime() - askedMs }
    const isSet = now.least > ahead.most + TOLERANCE_MS || now.most < ahead.least - TOLERANCE_MS
    if (isSet) unsureUntilMs = answeredMs + UNSURE_MS
    ahead = now
    return answeredMs >= unsureUntilMs
  }
}

/**
 * Looks for lost jobs until it is disposed of; not while the database's clock and ours disagree. A database that does not answer is said
 * once.
 */
export function watchLostJobs(queue: Queue): AsyncDisposable {
  let isFailing = false
  let looking: Promise<void> | undefined
  const isSure = createClockCheck()
  const look = async () => {
    try {
      const askedMs = monotonicMs()
      const { rows } = await queue.boss.getDb().executeSql('select clock_timestamp() as now')
      if (isSure((rows as [{ now: Date }])[0].now, askedMs, monotonicMs())) await giveBackLostJobs(queue)
      isFailing = false
    } catch (error) {
      if (!isFailing) queue.log.warn('Lost jobs could not be looked for', { error })
      isFailing = true
    }
  }
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }, LOOK_EVERY_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await looking
    },
  }
}
