import type { Clock } from '../../base/clock.ts'
import type { Database, Transaction } from '../db/index.ts'
import { randomToken } from '../secrets/index.ts'
import { SESSION_MS, type Session } from './session.ts'
import { hashToken } from './token-hash.ts'

/** A session as its holder gets it: the token goes into a cookie and is stored nowhere else. */
export interface NewSession extends Session {
  token: string
}

export async function createSession(
  trx: Transaction,
  clock: Clock,
  person: Pick<Session, 'email' | 'isAdmin'>,
): Promise<NewSession> {
  const token = randomToken()
  const now = clock.now()
  const session = { ...person, createdAt: now, expiresAt: new Date(now.getTime() + SESSION_MS) }
  await trx
    .insertInto('session')
    .values({ ...session, tokenHash: hashToken(token) })
    .execute()
  return { ...session, token }
}

/** The session of a token; undefined if there is none, it ended or it ran out. */
export async function readSession(db: Database, clock: Clock, token: string): Promise<Session | undefined> {
  return db
    .selectFrom('session')
    .select(['email', 'isAdmin', 'createdAt', 'expiresAt'])
    .where('tokenHash', '=', hashToken(token))
    .where('expiresAt', '>', clock.now())
    .executeTakeFirst()
}

/** Ends a session for good; ending one that is no more changes nothing. */
export async function endSession(db: Database | Transaction, token: string): Promise<void> {
  await db.deleteFrom('session').where('tokenHash', '=', hashToken(token)).execute()
}

/** Whether anybody has signed in and could again without a new link. */
export async function hasAnySession(db: Database): Promise<boolean> {
  return (await db.selectFrom('session').select('tokenHash').limit(1).executeTakeFirst()) !== undefined
}
