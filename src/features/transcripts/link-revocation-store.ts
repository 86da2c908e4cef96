import type { Database, Transaction } from '../../platform/db/index.ts'
import type { TranscriptToken } from './transcript-token.ts'

/** Writes down that links issued until an instant are dead: those of a meeting, or of all; those made for these addresses, `null` for all. */
export async function addLinkRevocations(
  trx: Transaction,
  { meetingId, emails, at }: { meetingId: string | null; emails: readonly (string | null)[]; at: Date },
): Promise<void> {
  await trx
    .insertInto('linkRevocation')
    .values(emails.map((email) => ({ meetingId, email, revokedAt: at })))
    .execute()
}

/** Whether a link was taken back. One issued in the very millisecond of the revocation was. */
export async function isLinkRevoked(db: Database, meetingId: string, token: TranscriptToken): Promise<boolean> {
  const row = await db
    .selectFrom('linkRevocation')
    .select('id')
    .where((eb) => eb.or([eb('meetingId', 'is', null), eb('meetingId', '=', meetingId)]))
    .where((eb) => eb.or([eb('email', 'is', null), eb('email', '=', token.email)]))
    .where('revokedAt', '>=', token.issuedAt)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
