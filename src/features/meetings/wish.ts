import type { Meeting } from './meeting.ts'
import type { OccurrenceRef } from './occurrence.ts'

/** What a person said about a meeting. It hangs on UID and occurrence key, so that a new link or another row does not lose it. */
export interface Wish {
  uid: string
  occurrenceKey: string
  /** The meeting it was said about. */
  meetingId: string
  wish: 'attend' | 'none'
  /** An address, `administrator` or `command line`. */
  wishedBy: string
  wishedAt: Date
}

/** The last word on a meeting: said about one of its invitations, or about the stored meeting it goes on as. `wishes` newest first. */
export function findWish(
  wishes: readonly Wish[],
  group: readonly Pick<OccurrenceRef, 'uid' | 'occurrenceKey'>[],
  stored: Pick<Meeting, 'id' | 'uid' | 'occurrenceKey'> | undefined,
): Wish | undefined {
  const invitations = stored ? [...group, stored] : group
  return wishes.find(
    (wish) =>
      wish.meetingId === stored?.id ||
      invitations.some(({ uid, occurrenceKey }) => uid === wish.uid && occurrenceKey === wish.occurrenceKey),
  )
}
