import { sql } from 'kysely'
import type { Database, Transaction } from '../../platform/db/index.ts'
import { type Actor, addressesOf, personOf, recordAudit } from '../people/index.ts'
import { TRANSCRIPT_SIGNAL } from './transcript-signal.ts'
import type { TranscriptToken } from './transcript-token.ts'

/** Which links: of a meeting, of a person by any address, of a person for one meeting, or, with neither, all. */
export interface RevokedLinks {
  meetingId?: string
  email?: string
}

/** Takes back every such link issued until now, as somebody asks; readers that are connected are checked again at once. */
export async function revokeLinks(trx: Transaction, links: RevokedLinks & Actor, now: Date): Promise<void> {
  const { meetingId, email, by, from } = links
  const emails = email === undefined ? [null] : await spellingsOf(trx, email.toLowerCase())
  await trx
    .insertInto('linkRevocation')
    .values(emails.map((one) => ({ meetingId: meetingId ?? null, email: one, revokedAt: now })))
    .execute()
  const entry = {
    at: now,
    by,
    from,
    subject: meetingId ?? 'all meetings',
    detail: email === undefined ? {} : { email },
  }
  await recordAudit(trx, { ...entry, action: 'links_revoked' })
  await sql`select pg_notify(${TRANSCRIPT_SIGNAL}, ${meetingId ?? ''})`.execute(trx)
}

/** Links are a person's, under whichever address they were made. */
async function spellingsOf(trx: Transaction, email: string): Promise<string[]> {
  const person = (await personOf(trx, [email])).get(email) ?? email
  return [...new Set([email, ...(await addressesOf(trx, person))])]
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
