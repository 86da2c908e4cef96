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

/** Looks for lost jobs until it is disposed of. A database that does not answer is said once. */
export function watchLostJobs(queue: Queue): AsyncDisposable {
  let isFailing = false
  let looking: Promise<void> | undefined
  const look = async () => {
    try {
      await giveBackLostJobs(queue)
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
