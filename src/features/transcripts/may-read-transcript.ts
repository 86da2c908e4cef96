import { type MeetingPeopleDeps, readMeetingPeople } from './meeting-people.ts'
import { type ReaderClaim, readClaimant } from './reader-claim.ts'
import { readersOf, type SharingPolicy } from './sharing.ts'

/** Whether somebody may read a meeting's transcript: an administrator, or one of its people. As of now: ask at each request. */
export async function mayReadTranscript(
  deps: MeetingPeopleDeps,
  meetingId: string,
  claim: ReaderClaim,
  policy: SharingPolicy,
): Promise<boolean> {
  const claimant = await readClaimant(deps.db, claim, policy)
  if (claimant.isAdmin) return true
  const readers = readersOf(await readMeetingPeople(deps, meetingId), policy)
  return readers.some(({ person }) => person === claimant.person)
}
