import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTransaction, keepPlans, type Transaction } from '../../src/platform/db/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** The statements that the only connection has kept: how often each ran by a plan for any values. */
async function kept({ db }: TestDatabase): Promise<{ statement: string; genericPlans: number }[]> {
  const { rows } = await sql<{ statement: string; genericPlans: number }>`
    select statement, generic_plans::int from pg_prepared_statements`.execute(db)
  return rows
}

function inKeeping<T>({ db }: TestDatabase, work: (trx: Transaction) => Promise<T>): Promise<T> {
  return inTransaction(db, async (trx) => {
    await keepPlans(trx)
    return work(trx)
  })
}

const settingsAbove = (trx: Transaction, key: string) =>
  trx.selectFrom('setting').selectAll().where('key', '>', key).execute()

test('a statement that comes again is planned once, in the transactions that ask for it and in no other', async () => {
  await using database = await createTestDatabase({ maxConnections: 1 })
  for (let n = 0; n < 10; n++) await inTransaction(database.db, (trx) => settingsAbove(trx, `${n}`))
  expect(await kept(database)).toEqual([])
  for (let n = 0; n < 10; n++) await inKeeping(database, (trx) => settingsAbove(trx, `${n}`))
  const [only, ...more] = await kept(database)
  expect(only).toMatchObject({ statement: expect.stringContaining('from "setting"'), genericPlans: 8 })
  expect(more).toEqual([])
  // What the transaction asked for ends with it, and what was kept for it is not used by others.
  const { rows } = await sql`show plan_cache_mode`.execute(database.db)
  expect(rows).toEqual([{ planCacheMode: 'auto' }])
  await settingsAbove(database.db as Transaction, 'a')
  expect(await kept(database)).toEqual([only])
})

test('a table that gets another column is read with it, on whatever connection its statement was kept', async () => {
  await using database = await createTestDatabase({ maxConnections: 2 })
  const read = (trx: Transaction) => sql<object>`select * from growing where n = ${1}`.execute(trx)
  await sql`create table growing (n int)`.execute(database.db)
  await sql`insert into growing values (1)`.execute(database.db)
  for (let n = 0; n < 5; n++)
    await Promise.all([inKeeping(database, read), inKeeping(database, read), inKeeping(database, read)])
  await sql`alter table growing add column more text default 'yes'`.execute(database.db)
  const answers = await Promise.all([1, 2, 3, 4].map(() => inKeeping(database, read)))
  expect(answers.map(({ rows }) => rows)).toEqual(Array.from({ length: 4 }, () => [{ n: 1, more: 'yes' }]))
})

test('statements of ever other texts do not fill the server', async () => {
  await using database = await createTestDatabase({ maxConnections: 1 })
  await inKeeping(database, async (trx) => {
    for (let text = 0; text < 1_500; text++)
      for (const value of [1, 2, 3, 4].slice(0, text < 300 ? 4 : 1))
        await sql`select ${value}::int + ${sql.lit(text)}`.execute(trx)
  })
  const { length } = await kept(database)
  expect(length).toBeGreaterThan(100)
  expect(length).toBeLessThanOrEqual(200)
})
