import type { Database, Transaction } from '../../platform/db/index.ts'

/**
 * Notes that items and events do not fit together until a reading that began is through. `forgetsCursor`: not even the items are those of
 * one time, and everything has to be listed anew.
 */
export async function recordHalfWay(trx: Transaction, id: string, { forgetsCursor }: { forgetsCursor: boolean }) {
  await trx
    .updateTable('calendar')
    .set({ expandedUntil: null, ...(forgetsCursor ? { cursor: null } : {}) })
    .where('id', '=', id)
    .execute()
}

/** Notes until when, and with which zone data, all that is stored is expanded. */
export async function recordExpansion(
  trx: Database | Transaction,
  id: string,
  expandedUntil: Date,
  zoneData: string,
): Promise<void> {
  await trx.updateTable('calendar').set({ expandedUntil, zoneData }).where('id', '=', id).execute()
}

/** Ends what `recordHalfWay` began: all but what was read is expanded as far as it was. */
export async function restoreExpansion(trx: Transaction, id: string, expandedUntil: Date | null): Promise<void> {
  await trx.updateTable('calendar').set({ expandedUntil }).where('id', '=', id).execute()
}
