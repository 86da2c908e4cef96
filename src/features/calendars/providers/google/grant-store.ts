import type { Database, Transaction } from '../../../../platform/db/index.ts'

/** The refresh token (its ciphertext) with which a calendar's owner lets us in today; undefined where it was forgotten. */
export async function readGrant(db: Database, calendarId: string): Promise<string | undefined> {
  const row = await db.selectFrom('calendar').select('credential').where('id', '=', calendarId).executeTakeFirst()
  return row?.credential ?? undefined
}

/** Puts the refresh token that came in place of the one that was used; one that came by another consent meanwhile stays. Ciphertexts. */
export async function replaceGrant(
  trx: Transaction,
  { calendarId, used, next }: { calendarId: string; used: string; next: string },
): Promise<void> {
  await trx
    .updateTable('calendar')
    .set({ credential: next })
    .where('id', '=', calendarId)
    .where('credential', '=', used)
    .execute()
}
