import type { MeetingStatus } from '../../status.ts'
import type { DayMeeting } from './read-day.ts'

/** How the meetings of a day stand; the first five add up to all of them. */
export interface DayNumbers {
  attended: number
  observed: number
  noRunner: number
  leftOut: number
  cancelled: number
  meetings: number
  /** Meetings that should have had a bot by now, and those of them that had or have one that got in. */
  due: number
  covered: number
}

const covering: ReadonlySet<MeetingStatus> = new Set(['recording', 'processing', 'attended'])

export function countDay(meetings: readonly DayMeeting[], now: Date): DayNumbers {
  const count = (matches: (entry: DayMeeting) => boolean) => meetings.filter(matches).length
  const isDue = ({ meeting }: DayMeeting) => meeting.decision === 'attend' && meeting.startsAt <= now
  return {
    attended: count(({ meeting }) => meeting.decision === 'attend'),
    observed: count(({ meeting }) => meeting.decision === 'observe'),
    noRunner: count(({ meeting }) => meeting.decision === 'no_runner'),
    leftOut: count(({ meeting, status }) => meeting.decision === 'skip' && status !== 'cancelled'),
    cancelled: count(({ meeting, status }) => meeting.decision === 'skip' && status === 'cancelled'),
    meetings: meetings.length,
    due: count(isDue),
    covered: count((entry) => isDue(entry) && covering.has(entry.status)),
  }
}
