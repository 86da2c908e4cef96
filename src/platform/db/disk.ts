import { sql } from 'kysely'
import type { Database } from './tables.ts'
import { inTransaction } from './transaction.ts'

/**
 * Throws `disk_full` where the database server cannot write a few hundred kilobytes. It counts more numbers than it may keep in
 * memory, so that they go through a temporary file; a row would mostly find room in files that are there already. Leaves nothing.
 */
export async function tryDiskOfDatabase(db: Database): Promise<void> {
  await inTransaction(db, async (trx) => {
    await sql`set local work_mem = '64kB'`.execute(trx)
    await sql`select count(*) from generate_series(1, 30000)`.execute(trx)
  })
}
