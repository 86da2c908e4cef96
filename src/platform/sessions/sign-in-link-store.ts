import type { Clock } from '../../base/clock.ts'
import { DAY_MS } from '../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../db/index.ts'
import { randomToken } from '../secrets/index.ts'
import { type Session, SIGN_IN_LINK_MS } from './session.ts'
import { createSession, type NewSession } from './session-store.ts'
import { hashToken } from './token-hash.ts'

/** Used and expired links are kept this long, so that their page can say what became of them. */
const KEEP_SPENT_MS = 7 * DAY_MS

/** What can be said about a link by its token. */
export type SignInLinkState = 'open' | 'used' | 'expired' | 'unknown'

/** Makes a token that signs one person in, once, within 15 minutes. Only its digest is stored. */
export async function createSignInLink(
  db: Database | Transaction,
  clock: Clock,
  person: Pick<Session, 'email' | 'isAdmin'>,
): Promise<string> {
  const token = randomToken()
  const now = clock.now()
  await db
    .insertInto('signInLink')
    .values({
      tokenHash: hashToken(token),
      email: person.email,
      isAdmin: person.isAdmin,
      expiresAt: new Date(now.getTime() + SIGN_IN_LINK_MS),
      usedAt: null,
      createdAt: now,
    })
    .execute()
  return token
}

/** Looks at a link without using it: mail scanners open every link first. */
export async function readSignInLink(
  db: Database | Transaction,
  clock: Clock,
  token: string,
): Promise<SignInLinkState> {
  const row = await db
    .selectFrom('signInLink')
    .select(['expiresAt', 'usedAt'])
    .where('tokenHash', '=', hashToken(token))
    .executeTakeFirst()
  if (!row) return 'unknown'
  if (row.usedAt !== null) return 'used'
  return row.expiresAt > clock.now() ? 'open' : 'expired'
}

/** Uses a link up and begins a session, or says why not. Of several callers at once one gets the session; `begun` runs in its transaction. */
export async function redeemSignInLink(
  db: Database,
  clock: Clock,
  token: string,
  begun: (trx: Transaction, session: NewSession) => Promise<void> = async () => {},
): Promise<NewSession | Exclude<SignInLinkState, 'open'>> {
  return inTransaction(db, async (trx) => {
    const now = clock.now()
    const person = await trx
      .updateTable('signInLink')
      .set({ usedAt: now })
      .where('tokenHash', '=', hashToken(token))
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now)
      .returning(['email', 'isAdmin'])
      .executeTakeFirst()
    if (person) {
      const session = await createSession(trx, clock, person)
      await begun(trx, session)
      return session
    }
    const state = await readSignInLink(trx, clock, token)
    return state === 'open' ? 'used' : state
  })
}

/** Deletes sessions that ran out and links spent a week ago; answers how many rows went. May run any time. */
export async function removeExpiredSessions(db: Database, clock: Clock): Promise<number> {
  const now = clock.now()
  const spentBefore = new Date(now.getTime() - KEEP_SPENT_MS)
  const sessions = await db.deleteFrom('session').where('expiresAt', '<=', now).executeTakeFirst()
  const links = await db.deleteFrom('signInLink').where('expiresAt', '<=', spentBefore).executeTakeFirst()
  return Number(sessions.numDeletedRows + links.numDeletedRows)
}
