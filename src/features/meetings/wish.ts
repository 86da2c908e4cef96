import type { Occurrence } from './identity.ts'
import type { Meeting } from './meeting.ts'

/** What a person said about a meeting. It hangs on UID and occurrence key, so that a new link or another row does not lose it. */
export interface Wish {
  uid: string
  occurrenceKey: string
  /** The meeting it was said about. */
  meetingId: string
  /** `as_planned` takes back what was said before. */
  wish: 'attend' | 'none' | 'as_planned'
  /** An address, `administrator` or `command line`. */
  wishedBy: string
  wishedAt: Date
}

/** A wish as stored, with whose the meeting is that it was said about. */
export type SaidWish = Wish & Pick<Meeting, 'provenOrganizer' | 'circle'>

/**
 * The last word on a meeting: said about the stored one it goes on as, or about one of its invitations as the same people's. `wishes` newest first.
 */
export function findWish(
  wishes: readonly SaidWish[],
  group: readonly Occurrence[],
  stored: Pick<Meeting, 'id' | 'uid' | 'occurrenceKey'> | undefined,
): Wish | undefined {
  const invitations = stored ? [...group, stored] : group
  return wishes.find(
    (wish) =>
      wish.meetingId === stored?.id ||
      (isSaidOfTheirs(wish, group) &&
        invitations.some(({ uid, occurrenceKey }) => uid === wish.uid && occurrenceKey === wish.occurrenceKey)),
  )
}

/** Of what was planned before it was known whose it is nobody was excluded. */
function isSaidOfTheirs({ provenOrganizer, circle }: SaidWish, group: readonly Occurrence[]): boolean {
  if (provenOrganizer === null && circle.length === 0) return true
  return group.some(({ authority }) => {
    if (provenOrganizer !== null || authority.provenOrganizer !== null)
      return provenOrganizer === authority.provenOrganizer
    const [first] = authority.circle
    return first !== undefined && circle.includes(first)
  })
}

/** What somebody wants still: nothing once it was taken back. */
export function wishOf(lastWord: Pick<Wish, 'wish'> | undefined): 'attend' | 'none' | null {
  return lastWord === undefined || lastWord.wish === 'as_planned' ? null : lastWord.wish
}

/** Google names the second half of a series that was split after the first one, with the original start from which on it holds, in UTC. */
const SECOND_HALF = /_R(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?(?=@google\.com$)/

/** The UID that all parts of a series have in common, however often it was split. */
export function seriesUid(uid: string): string {
  return uid.replace(SECOND_HALF, '')
}

/** From which original start on a part of a split series holds; null where the UID does not say. */
export function splitAtOf(uid: string): Date | null {
  const [, year, month, day, hours = '00', minutes = '00', seconds = '00'] = SECOND_HALF.exec(uid) ?? []
  return year === undefined ? null : new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
}
