import { isTransactionConflict, translateDatabaseError } from './errors.ts'
import type { Database, Transaction } from './tables.ts'

const ATTEMPTS = 5

/**
 * Runs `work` in one READ COMMITTED transaction. After a deadlock or serialization failure it is run again from the start, at most
 * five times, so `work` must have no effect outside the transaction. Failures a person can act on come as `AppError`.
 */
export async function inTransaction<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().setIsolationLevel('read committed').execute(work)
    } catch (error) {
      if (attempt < ATTEMPTS && isTransactionConflict(error)) continue
      throw translateDatabaseError(error)
    }
  }
}

/** Runs reads on one snapshot of the database, so that what they answer belongs together. Nothing can be written. */
export async function inSnapshot<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
