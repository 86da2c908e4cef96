import {
  type MeetingPeopleDeps,
  type MeetingPerson,
  type Presence,
  readMeetingPeople,
  readTranscribedMeeting,
  type TranscribedMeeting,
} from '../../features/transcripts/index.ts'

/** What says who may read a transcript. */
export interface MeetingToRead {
  meeting: TranscribedMeeting
  /** Everybody of the meeting, readers or not. */
  people: readonly MeetingPerson[]
}

/** Reads by whom the meeting of an address may be read. */
export async function readMeetingToRead(deps: MeetingPeopleDeps, id: string): Promise<MeetingToRead | undefined> {
  const meeting = await readTranscribedMeeting(deps.db, id)
  return meeting && { meeting, people: await readMeetingPeople(deps, meeting.id) }
}

/** Somebody who may read the transcript that an address names. */
export interface Reader {
  /** The same for all that one person opens, by whichever link or session. */
  key: string
  meeting: TranscribedMeeting
  /** Everybody of the meeting, readers or not. */
  people: readonly MeetingPerson[]
  /** Whether this reader is one of them; a private title is theirs only. */
  isInvited: boolean
  /** Set for somebody who was only in the room: they read what was said then, without sound, title or the list of people. */
  heard: readonly Presence[] | undefined
  isAdmin: boolean
  /** Who it is; null for a session that is nobody's in particular. */
  person: string | null
  /** When the link by which this reader came ends. */
  linkEndsAt: Date | undefined
  /** That link's token, where it stands in the address. */
  tokenInAddress: string | undefined
}
