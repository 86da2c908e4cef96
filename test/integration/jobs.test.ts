import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { type Database, inTransaction } from '../../src/platform/db/index.ts'
import {
  defineJob,
  fetchJobs,
  type HandledJob,
  handleJob,
  isAnyDue,
  type JobDefinition,
  listDeadLetters,
  openQueue,
  type Queue,
  retryDeadLetters,
  sendJobs,
  sendJobsNow,
  startWorking,
  touchJobs,
} from '../../src/platform/jobs/index.ts'
import { giveBackLostJobs } from '../../src/platform/jobs/lost-jobs.ts'
import { requireHandlers } from '../../src/platform/jobs/work.ts'
import { createTestDatabase } from '../support/database.ts'

const payload = z.object({ n: z.number() })
const quick = defineJob({ name: 'test-quick', payload, retryLimit: 3, retryDelaySeconds: 1, retryDelayMaxSeconds: 1 })
const lookAgain = defineJob({ name: 'test-look-again', payload, policy: 'stately' })
const silent = { warn: () => {}, error: () => {} }

async function openTestQueue(url: string, jobs: readonly JobDefinition[]): Promise<Queue> {
  return openQueue({ databaseUrl: url, jobs, log: silent, supervise: true, migrate: false })
}

/** Runs jobs until `done` is called; answers the outcomes that were observed. */
async function work(queue: Queue, handled: (done: () => void) => HandledJob[]): Promise<string[]> {
  const outcomes: string[] = []
  const ended = Promise.withResolvers<void>()
  const working = await startWorking(queue, handled(ended.resolve), {
    jobEnded: (name, outcome) => outcomes.push(`${name} ${outcome}`),
  })
  await ended.promise
  await working.drain(10_000)
  return outcomes
}

test('a job is sent with its transaction or not at all', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [quick])
  await expect(
    inTransaction(database.db, async (trx) => {
      await sendJobs(queue, trx, [{ job: quick, payload: { n: 1 } }])
      throw new Error('changed my mind')
    }),
  ).rejects.toThrow('changed my mind')
  await inTransaction(database.db, (trx) => sendJobs(queue, trx, [{ job: quick, payload: { n: 2 } }]))
  const seen: number[] = []
  await work(queue, (done) => [
    handleJob(quick, async ({ n }) => {
      seen.push(n)
      done()
    }),
  ])
  expect(seen).toEqual([2])
})

test('a job that fails is tried again, and what keeps failing is shown as a dead letter with its reason and can be retried', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [quick])
  await sendJobsNow(queue, [{ job: quick, payload: { n: 7 } }])
  let attempts = 0
  const first = await work(queue, (done) => [
    handleJob(quick, async () => {
      attempts += 1
      if (attempts === 2) {
        queueMicrotask(done)
        throw new AppError('nope', 'The other side said no.')
      }
      throw new Error('Something passing.')
    }),
  ])
  expect(first).toEqual(['test-quick retried', 'test-quick failed'])
  const dead = await listDeadLetters(queue)
  expect(dead).toMatchObject([{ name: 'test-quick', payload: { n: 7 }, reason: 'The other side said no.' }])

  expect(
    await retryDeadLetters(
      queue,
      dead.map((letter) => letter.id),
    ),
  ).toBe(1)
  expect(await listDeadLetters(queue)).toEqual([])
  const seen: number[] = []
  await work(queue, (done) => [
    handleJob(quick, async ({ n }) => {
      seen.push(n)
      done()
    }),
  ])
  expect(seen).toEqual([7])
})

test('a second knock while a job runs is kept, a third is not', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [lookAgain])
  const knock = () => sendJobsNow(queue, [{ job: lookAgain, payload: { n: 1 }, key: 'calendar' }])
  await knock()
  let runs = 0
  await work(queue, (done) => [
    handleJob(lookAgain, async () => {
      runs += 1
      if (runs === 1) {
        await knock()
        await knock()
      } else done()
    }),
  ])
  expect(runs).toBe(2)
  expect((await queue.boss.findJobs(lookAgain.name, { queued: true })).length).toBe(0)
})

test('a job whose key runs is passed over by others, and has its turn when that one is through', async () => {
  await using database = await createTestDatabase()
  const inBatches = defineJob({ name: 'test-batches', payload, policy: 'stately', concurrency: 2, batchSize: 3 })
  await using queue = await openTestQueue(database.url, [inBatches])
  const knock = (key: string, n: number) => sendJobsNow(queue, [{ job: inBatches, payload: { n }, key, priority: -n }])
  await knock('slow', 1)
  const isSecondHere = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const runs: number[] = []
  const working = await startWorking(
    queue,
    [
      handleJob(inBatches, async ({ n }) => {
        runs.push(n)
        if (n === 1) {
          await knock('slow', 2)
          await knock('other', 3)
          await gate.promise
        }
        if (n === 3) gate.resolve()
        if (n === 2) isSecondHere.resolve()
      }),
    ],
    { jobEnded: () => {} },
  )
  await isSecondHere.promise
  await working.drain(10_000)
  expect(runs).toEqual([1, 3, 2])
})

test('a key that ran when the queue counted its jobs is not left out', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [lookAgain])
  const knock = () => sendJobsNow(queue, [{ job: lookAgain, payload: { n: 1 }, key: 'calendar' }])
  await knock()
  const [running] = await queue.boss.fetch(lookAgain.name)
  // What pg-boss does each minute.
  await sql`update rapporteur_jobs.queue set monitor_on = null`.execute(database.db)
  await queue.boss.supervise(lookAgain.name)
  await queue.boss.complete(lookAgain.name, running?.id ?? '')
  await knock()
  await using other = await openTestQueue(database.url, [lookAgain])
  expect(await other.boss.fetch(lookAgain.name)).toHaveLength(1)
})

test('a queue of an earlier version goes on with its jobs', async () => {
  await using database = await createTestDatabase()
  {
    await using queue = await openTestQueue(database.url, [lookAgain])
    await sendJobsNow(queue, [{ job: lookAgain, payload: { n: 1 }, key: 'calendar' }])
    await sql`update rapporteur_jobs.queue set policy = 'stately' where name = ${lookAgain.name}`.execute(database.db)
    await sql`update rapporteur_jobs.job set policy = 'stately', group_id = null`.execute(database.db)
  }
  await using queue = await openTestQueue(database.url, [lookAgain])
  await sendJobsNow(queue, [{ job: lookAgain, payload: { n: 2 }, key: 'calendar' }])
  const runs: number[] = []
  await work(queue, (done) => [
    handleJob(lookAgain, async ({ n }) => {
      runs.push(n)
      done()
    }),
  ])
  expect(runs).toEqual([1])
  expect((await queue.boss.getQueue(lookAgain.name))?.policy).toBe('short')
})

test('draining waits for what runs and takes nothing more', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [quick])
  await sendJobsNow(queue, [{ job: quick, payload: { n: 1 } }])
  const began = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let finished = false
  const working = await startWorking(
    queue,
    [
      handleJob(quick, async () => {
        began.resolve()
        await gate.promise
        finished = true
      }),
    ],
    { jobEnded: () => {} },
  )
  await began.promise
  const drained = working.drain(30_000)
  await sendJobsNow(queue, [{ job: quick, payload: { n: 2 } }])
  gate.resolve()
  await drained
  expect(finished).toBe(true)
  expect(await queue.boss.findJobs(quick.name, { queued: true })).toMatchObject([{ data: { n: 2 } }])
})

test('a job without exactly one handler stops the start, and so does a name defined twice', async () => {
  const noop = handleJob(quick, async () => {})
  expect(() => requireHandlers([quick, lookAgain], [noop])).toThrow('Nothing handles the job "test-look-again"')
  expect(() => requireHandlers([quick], [noop, noop])).toThrow('has 2 handlers')
  expect(() => requireHandlers([], [noop])).toThrow('no such job')
  await using database = await createTestDatabase()
  await expect(openTestQueue(database.url, [quick, quick])).rejects.toThrow('is defined twice')
})

test('of jobs taken together one that takes long holds up the key of no other', async () => {
  await using database = await createTestDatabase()
  const many = defineJob({ name: 'test-many', payload, policy: 'stately', batchSize: 2, concurrency: 2 })
  await using queue = await openTestQueue(database.url, [many])
  const again = Promise.withResolvers<void>()
  let runs = 0
  await sendJobsNow(queue, [
    { job: many, payload: { n: 1 }, key: 'long' },
    { job: many, payload: { n: 2 }, key: 'short' },
  ])
  await work(queue, (done) => [
    handleJob(many, async ({ n }) => {
      if (n === 1) await again.promise
      else if (++runs === 1) await sendJobsNow(queue, [{ job: many, payload: { n: 2 }, key: 'short' }])
      else again.resolve()
      if (n === 1) done()
    }),
  ])
  expect(runs).toBe(2)
})

test('a job whose holder gives no sign of life is given to another, until it was lost too often', async () => {
  await using database = await createTestDatabase()
  const held = defineJob({ name: 'test-held', payload, isHeld: true, retryLimit: 1, retryDelaySeconds: 0 })
  await using queue = await openTestQueue(database.url, [held])
  const take = () => inTransaction(database.db, (trx) => fetchJobs(queue, trx, held, { limit: 5 }))
  await sendJobsNow(queue, [
    { job: held, payload: { n: 1 } },
    { job: held, payload: { n: 2 } },
  ])
  const first = await take()
  expect(first.map(({ attempt }) => attempt)).toEqual([0, 0])
  const alive = first.filter(({ payload: { n } }) => n === 2)

  await fallSilent(database.db)
  await touchJobs(queue, held.name, alive)
  await giveBackLostJobs(queue)
  const second = await take()
  expect(second).toMatchObject([{ payload: { n: 1 }, attempt: 1 }])
  expect(await touchJobs(queue, held.name, first)).toEqual(new Set(alive.map(({ id }) => id)))

  await fallSilent(database.db)
  await touchJobs(queue, held.name, alive)
  await giveBackLostJobs(queue)
  expect(await take()).toEqual([])
  expect(await listDeadLetters(queue)).toMatchObject([
    { payload: { n: 1 }, reason: 'Whoever did it gave no sign of life.' },
  ])
})

test('a worker gives back what others lost', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [quick])
  await sendJobsNow(queue, [{ job: quick, payload: { n: 1 } }])
  await inTransaction(database.db, (trx) => fetchJobs(queue, trx, quick, { limit: 1 }))
  await fallSilent(database.db)
  const outcomes = await work(queue, (done) => [handleJob(quick, async () => done())])
  expect(outcomes).toEqual(['test-quick completed'])
})

test('among thousands of jobs that wait for their day, what is due and what was lost is found by an index', async () => {
  await using database = await createTestDatabase()
  await using queue = await openTestQueue(database.url, [quick])
  const startAfter = new Date(Date.now() + 86_400_000)
  const waiting = Array.from({ length: 5_000 }, (_, n) => ({ job: quick, payload: { n }, startAfter }))
  await sendJobsNow(queue, waiting)
  await sql`analyze rapporteur_jobs.job_common`.execute(database.db)
  const real = queue.boss.getDb()
  const plans: string[] = []
  const executeSql = async (text: string, values?: unknown[]) => {
    const { rows } = await real.executeSql(`explain ${text}`, values)
    plans.push(rows.map((row) => (row as Record<string, string>)['QUERY PLAN']).join('\n'))
    return real.executeSql(text, values)
  }
  const boss = { getDb: () => ({ executeSql }) } as unknown as Queue['boss']
  expect(await isAnyDue({ ...queue, boss }, quick.name)).toBe(false)
  await giveBackLostJobs({ ...queue, boss })
  expect(plans).toEqual([expect.stringContaining('rapporteur_due'), expect.stringContaining('rapporteur_held')])
})

test('programs that start at the same moment make the indexes once', async () => {
  await using database = await createTestDatabase()
  await sql`drop index rapporteur_jobs.rapporteur_due, rapporteur_jobs.rapporteur_held`.execute(database.db)
  const open = () => openQueue({ databaseUrl: database.url, jobs: [quick], log: silent, supervise: false })
  const opened = await Promise.allSettled(Array.from({ length: 8 }, open))
  for (const result of opened) {
    if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
  }
  expect(opened.filter((result) => result.status === 'rejected')).toEqual([])
  const { rows } = await sql`select from pg_indexes where indexname in ('rapporteur_due', 'rapporteur_held')`.execute(
    database.db,
  )
  expect(rows).toHaveLength(2)
})

/** Makes all jobs that are held look as if their holders had gone a minute ago. */
async function fallSilent(db: Database): Promise<void> {
  await sql`update rapporteur_jobs.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active'`.execute(
    db,
  )
}
