import type { App } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { readTranscribedMeeting, type TranscribedMeeting } from '../../features/transcripts/index.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The meeting that a command names by its id, or by its id in the hub. Throws `meeting_unknown`. */
export async function requireMeeting(app: App, id: string): Promise<TranscribedMeeting> {
  const meeting = UUID.test(id) ? await readTranscribedMeeting(app.db, id) : undefined
  if (meeting) return meeting
  throw new AppError('meeting_unknown', `There is no meeting ${id}. Its id stands in the address of its page.`)
}
