import { boundsOfDay, boundsOfWholeDay, dayOf } from '../../../../base/time.ts'
import { explanationOf, listMeetings, type Meeting } from '../../../../features/meetings/index.ts'
import type { WebDeps } from '../../web-deps.ts'

/** What attendance would do with the rest of today, were it on. */
export interface Foresight {
  /** Meetings of today that are not over. */
  meetings: number
  /** Bots would go there, or do. */
  attended: number
  notAttended: number
  /** Why not, the most frequent reason first. */
  reasons: { because: string; meetings: number; example: Meeting }[]
  isCut: boolean
}

const MAX_MEETINGS = 5_000

/** Reads what the plan says of the rest of today. The plan is the same in both modes, so that nothing is guessed here. */
export async function foreseeAttendance(deps: Pick<WebDeps, 'db' | 'clock'>, zone: string): Promise<Foresight> {
  const now = deps.clock.now()
  const day = dayOf(now, zone)
  const between = { ...boundsOfDay(day, zone), wholeDays: boundsOfWholeDay(day) }
  const today = await listMeetings(deps.db, between, MAX_MEETINGS)
  const ahead = today.filter((meeting) => meeting.endsAt > now)
  const attended = ahead.filter(({ decision }) => decision === 'attend' || decision === 'observe')
  const others = ahead.filter((meeting) => !attended.includes(meeting))
  const byReason = Map.groupBy(others, (meeting) => reasonOf(meeting, now))
  return {
    meetings: ahead.length,
    attended: attended.length,
    notAttended: others.length,
    reasons: [...byReason]
      .map(([because, meetings]) => ({ because, meetings: meetings.length, example: meetings[0] as Meeting }))
      .toSorted((a, b) => b.meetings - a.meetings),
    isCut: today.length === MAX_MEETINGS,
  }
}

/** One sentence for all meetings that are left out alike. */
function reasonOf(meeting: Meeting, now: Date): string {
  const { because, obstacle } = explanationOf(meeting, now)
  if (meeting.decision === 'no_runner' && obstacle !== null) return obstacle
  if (meeting.reason === 'all_declined') return 'Everybody invited from here has declined.'
  return `${because.charAt(0).toUpperCase()}${because.slice(1)}.`
}
