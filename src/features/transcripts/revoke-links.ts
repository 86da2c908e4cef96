import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { type Actor, addressesOf, personOf, recordAudit } from '../people/index.ts'
import { addLinkRevocations } from './link-revocation-store.ts'
import { announceTranscript } from './transcript-store.ts'

/** Which links: of a meeting, of a person by any address, of a person for one meeting, or, with neither, all. */
interface RevokedLinks extends Actor {
  meetingId?: string
  email?: string
}

/**
 * Takes back every such link issued until now, which is answered; written down in the audit. Readers who are connected are asked again at once who
 * they are. Who is of the meeting still reads by signing in, or by a new link. May run twice.
 */
export async function revokeLinks(
  { db, clock }: { db: Database; clock: Clock },
  { meetingId, email, by, from }: RevokedLinks,
): Promise<Date> {
  const at = clock.now()
  await inTransaction(db, async (trx) => {
    const emails = email === undefined ? [null] : await spellingsOf(trx, email.toLowerCase())
    await addLinkRevocations(trx, { meetingId: meetingId ?? null, emails, at })
    const detail = email === undefined ? {} : { email }
    await recordAudit(trx, { at, by, from, action: 'links_revoked', subject: meetingId ?? 'all meetings', detail })
    await announceTranscript(trx, meetingId ?? '')
  })
  return at
}

/** Links are a person's, under whichever address they were made. */
async function spellingsOf(trx: Transaction, email: string): Promise<string[]> {
  const person = (await personOf(trx, [email])).get(email) ?? email
  return [...new Set([email, ...(await addressesOf(trx, person))])]
}
