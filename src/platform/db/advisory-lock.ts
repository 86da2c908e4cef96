import { sql } from 'kysely'
import type { Transaction } from './database.ts'

/**
 * Takes a lock for each name until the transaction ends. Sorted by what the server really locks, so that two transactions that
 * share names can never wait for each other.
 */
export async function lockNames(trx: Transaction, names: Iterable<string>): Promise<void> {
  const unique = [...new Set(names)]
  if (unique.length === 0) return
  await sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(name, 0) as key from unnest(${unique}::text[]) as name order by key
    ) keys`.execute(trx)
}

/** Holds a name together with others until the transaction ends; `lockNames` of the same name waits for all of them. */
export async function shareLock(trx: Transaction, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`.execute(trx)
}
