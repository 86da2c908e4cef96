import type { Database } from '../../../../platform/db/index.ts'
import type { RunnerName } from '../../../bots/index.ts'
import { listComingLinks, type NamedMeeting, platforms } from '../../../meetings/index.ts'
import { explainUnfit, findUnfit } from './fit-server.ts'

/** A meeting to come whose link an Attendee server does not take, and why. */
export type UnfitMeeting = NamedMeeting & { why: string }

/** The meetings that begin before an instant, that an Attendee server is to attend and whose link it does not take, in their order. */
export async function listUnfitMeetings(
  db: Database,
  of: { now: Date; until: Date; runnerOf(platform: string): RunnerName | undefined },
): Promise<UnfitMeeting[]> {
  const { now, until } = of
  const served = platforms.filter((platform) => of.runnerOf(platform) === 'attendee' && platform !== 'google_meet')
  const coming = await listComingLinks(db, { now, until, platforms: served })
  return coming.flatMap((meeting) => {
    const unfit = findUnfit(meeting.platform, meeting.meetingUrl)
    return unfit === undefined ? [] : [{ ...meeting, why: explainUnfit(unfit) }]
  })
}
