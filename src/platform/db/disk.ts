import { sql } from 'kysely'
import type { Database } from './database.ts'
import { inTransaction } from './transaction.ts'

/**
 * Throws `disk_full` where the database server cannot write a few hundred kilobytes. It sorts more than it may keep in memory, which goes
 * through a temporary file; a row would mostly find room in files that are there already. Leaves nothing.
 */
export async function tryDiskOfDatabase(db: Database): Promise<void> {
  await inTransaction(db, async (trx) => {
    await sql`set local work_mem = '64kB'`.execute(trx)
    await sql`
      select count(*) from (
        select repeat('x', 400) || n as text from generate_series(1, 1000) n order by text desc offset 1
      ) sorted`.execute(trx)
  })
}
