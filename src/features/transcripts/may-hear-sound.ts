import { type MeetingPeopleDeps, readMeetingPeople } from './meeting-people.ts'
import { readersOf, type SharingPolicy } from './sharing.ts'

/**
 * Whether a reader of a meeting may have its file. One that holds the sound of other meetings as well is for those who may read each of them, and for
 * administrators. As of now: ask at each request.
 */
export async function mayHearSound(
  deps: MeetingPeopleDeps,
  alsoOf: readonly string[],
  reader: { person: string | null; isAdmin: boolean },
  policy: SharingPolicy,
): Promise<boolean> {
  if (reader.isAdmin) return true
  for (const meetingId of alsoOf) {
    const readers = readersOf(await readMeetingPeople(deps, meetingId), policy)
    if (!readers.some(({ person }) => person === reader.person)) return false
  }
  return true
}
