import { AppError } from '../../base/errors.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { type Actor, personOf, recordAudit } from '../people/index.ts'
import type { MeetingPeopleDeps } from './meeting-people.ts'
import { setMeetingReader } from './meeting-reader-store.ts'
import { isColleague, type SharingPolicy } from './sharing.ts'
import { announceTranscript } from './transcript-store.ts'

interface AccessChange extends Actor {
  meetingId: string
  /** Lower case. */
  email: string
  /** Takes it away instead, also from somebody who was invited. */
  takesBack: boolean
}

/**
 * Lets somebody read a meeting for good, or no more; written down in the audit. The right is the person's, with all their addresses. Throws
 * `reader_outside` for somebody outside the organisation who may not read. May run twice.
 */
export async function giveAccess(
  { db, clock }: MeetingPeopleDeps,
  { meetingId, email, takesBack, by, from }: AccessChange,
  policy: SharingPolicy,
): Promise<void> {
  const at = clock.now()
  await inTransaction(db, async (trx) => {
    const person = (await personOf(trx, [email])).get(email) ?? email
    const mayRead = policy.shareWithExternal || isColleague({ email, person, hasCalendar: false }, policy)
    if (!takesBack && !mayRead) {
      throw new AppError(
        'reader_outside',
        `${email} is not of the organisation (ORG_DOMAINS). SHARE_WITH_EXTERNAL=on lets such people read.`,
      )
    }
    const why = takesBack ? 'removed' : 'given'
    await setMeetingReader(trx, meetingId, { person, address: email, why, by, at })
    const action = takesBack ? 'access_taken' : 'access_given'
    await recordAudit(trx, { at, by, action, subject: meetingId, detail: { email }, from })
    // Whoever reads at this moment is asked again who they are.
    await announceTranscript(trx, meetingId)
  })
}
