import type { Database } from '../../platform/db/index.ts'
import { readInvitedPeople } from './invited-people-store.ts'
import { readersOf, type SharingPolicy } from './sharing.ts'

/** Whether an address may read a meeting's transcript: an administrator's, or that of an invited person. As of now: ask at each request. */
export async function mayReadTranscript(
  db: Database,
  meetingId: string,
  email: string,
  policy: SharingPolicy,
): Promise<boolean> {
  const address = email.toLowerCase()
  if (policy.adminEmails.includes(address)) return true
  return readersOf(await readInvitedPeople(db, meetingId), policy).some((person) => person.email === address)
}
