import type { Database } from '../../platform/db/index.ts'
import { type Person, personOf } from '../people/index.ts'
import type { SharingPolicy } from './sharing.ts'

/**
 * By what somebody wants to read: an address, and when it was theirs, which is when the link was issued or the session began. Whoever has the
 * address today may be somebody else.
 */
export interface ReaderClaim {
  email: string
  at: Date
}

/** Who claims to read, and whether as an administrator, which only the present holder of such an address is. */
export async function readClaimant(
  db: Database,
  { email, at }: ReaderClaim,
  { adminEmails }: Pick<SharingPolicy, 'adminEmails'>,
): Promise<{ person: Person; isAdmin: boolean }> {
  const address = email.toLowerCase()
  const person = (await personOf(db, [address], at)).get(address) ?? address
  if (!adminEmails.includes(address)) return { person, isAdmin: false }
  return { person, isAdmin: (await personOf(db, [address])).get(address) === person }
}
