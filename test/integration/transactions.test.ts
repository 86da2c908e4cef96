import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import { createTestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

/** Stands still in a transaction until the database has ended it. */
async function standStill(trx: Transaction, isThere: (pid: number) => Promise<boolean>): Promise<void> {
  const { rows } = await sql<{
    pid: number
  }>`select pg_backend_pid() as pid, set_config('idle_in_transaction_session_timeout', '20', true)`.execute(trx)
  await until(
    () => isThere(rows[0]?.pid ?? 0),
    (there) => !there,
  )
}

test('a transaction that stood still too long says so, and does not blame the database', async () => {
  await using database = await createTestDatabase()
  const isThere = async (pid: number) =>
    (await sql`select from pg_stat_activity where pid = ${pid}`.execute(database.db)).rows.length > 0
  const outcome = inTransaction(database.db, async (trx) => {
    await standStill(trx, isThere)
    await sql`select 1`.execute(trx)
  })
  await expect(outcome).rejects.toMatchObject({
    code: 'transaction_stood_still',
    retry: 'later',
    message: expect.stringContaining('stood still in the middle of a write'),
  })
  // The next one has another connection.
  expect((await inTransaction(database.db, (trx) => sql<{ n: number }>`select 1 as n`.execute(trx))).rows).toEqual([
    { n: 1 },
  ])
})

test('one that stood still just before its end says so as well', async () => {
  await using database = await createTestDatabase()
  const isThere = async (pid: number) =>
    (await sql`select from pg_stat_activity where pid = ${pid}`.execute(database.db)).rows.length > 0
  const outcome = inTransaction(database.db, (trx) => standStill(trx, isThere))
  await expect(outcome).rejects.toMatchObject({ code: 'transaction_stood_still' })
})
