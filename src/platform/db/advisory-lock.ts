import { sql } from 'kysely'
import type { Transaction } from './tables.ts'

/**
 * Takes a lock for each name until the transaction ends. Sorted by what the server really locks, so that two transactions that
 * share names can never wait for each other. `shared`: a name that is then held together with others who share it; who locks it
 * alone must hold nothing else.
 */
export async function lockNames(trx: Transaction, names: Iterable<string>, shared?: string): Promise<void> {
  const unique = [...new Set(names)]
  if (unique.length === 0) return
  await sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(name, 0) as key from unnest(${unique}::text[]) as name order by key
    ) keys
    union all select pg_advisory_xact_lock_shared(hashtextextended(name, 0)) from unnest(${shared === undefined ? [] : [shared]}::text[]) as name`.execute(
    trx,
  )
}
