import type { Decision, Meeting, Reason } from './meeting.ts'
import { isPlatform, platformLabel } from './platform.ts'

/** What an explanation needs of a meeting. */
export type Explained = Pick<Meeting, 'decision' | 'reason' | 'reasonDetail' | 'platform' | 'endsAt'>

/** A decision in words: what is to happen, why, and what stands in its way. */
export interface Explanation {
  /** Such as "Would be attended". */
  verdict: string
  /** Why, without a capital and a full stop. */
  because: string
  /** A further sentence, where something else keeps the bot away. */
  obstacle: string | null
}

/** The decision on a meeting as one or two sentences for a person, in the past tense once it is over. */
export function explainDecision(meeting: Explained, now: Date): string {
  const { verdict, because, obstacle } = explanationOf(meeting, now)
  return [`${verdict}: ${because}.`, ...(obstacle === null ? [] : [obstacle])].join(' ')
}

/** The same in parts, for pages that set them apart. */
export function explanationOf(meeting: Explained, now: Date): Explanation {
  const isOver = meeting.endsAt <= now
  const verdict = verdicts[meeting.decision][isOver ? 'past' : 'future']
  const because = becauses[meeting.reason](meeting, isOver)
  return { verdict, because, obstacle: obstacles[meeting.decision](labelOf(meeting.platform), isOver) }
}

const verdicts: Record<Decision, { future: string; past: string }> = {
  attend: { future: 'To be attended', past: 'Was to be attended' },
  observe: { future: 'Would be attended', past: 'Would have been attended' },
  no_runner: { future: 'Would be attended', past: 'Would have been attended' },
  skip: { future: 'Not attended', past: 'Not attended' },
}

const obstacles: Record<Decision, (platform: string, isOver: boolean) => string | null> = {
  attend: () => null,
  observe: (_, isOver) => `Attendance ${isOver ? 'was' : 'is'} switched off.`,
  no_runner: (platform, isOver) => `There ${isOver ? 'was' : 'is'} no way to join ${platform} yet.`,
  skip: () => null,
}

const becauses: Record<Reason, (meeting: Explained, isOver: boolean) => string> = {
  wanted: ({ reasonDetail }) => supportOf(reasonDetail.supporting, reasonDetail.copies),
  sent_by_person: () => 'somebody sent a bot',
  stopped_by_person: () => 'somebody said that no bot is to come',
  rule: ({ decision, reasonDetail }) =>
    `the rule “${reasonDetail.rule ?? 'no longer known'}” ${decision === 'skip' ? 'leaves it out' : 'says so'}`,
  person_opted_out: ({ reasonDetail }) =>
    `${reasonDetail.person ?? 'somebody'} takes part, who is never to be recorded`,
  all_day: () => 'it lasts all day',
  out_of_office: () => 'it marks an absence',
  focus_time: () => 'it is time kept free for work',
  working_location: () => 'it only says where somebody works',
  birthday: () => 'it is a birthday',
  private: () => 'it is marked private',
  confidential: () => 'it is marked confidential',
  opted_out: ({ reasonDetail }) => `the invitation says ${reasonDetail.word ?? '#norecord'}`,
  cancelled: () => 'it was cancelled',
  all_declined: ({ reasonDetail }) => refusalOf(reasonDetail.copies),
  no_connected_calendar: () => 'the calendars that hold it are disconnected',
  gone: () => 'it is in no calendar any more',
  merged: () => 'it is one meeting with another invitation, and that one counts',
  another_meeting_held: (_, isOver) => `another meeting ${isOver ? 'was held' : 'is to be held'} in this room`,
  room_closed: () => 'this room is somebody else’s, who closed it to meetings of others',
  already_over: () => 'it was over, or as good as over, before it was known',
}

function supportOf(supporting: number, copies: number): string {
  if (copies === 0 || supporting === 0) return 'it was wanted while it could be attended'
  if (copies === 1) return 'the person invited from here has not declined'
  if (supporting === copies && copies === 2) return 'neither of the two people invited from here has declined'
  if (supporting === copies) return `none of the ${copies} people invited from here has declined`
  return `${supporting} of ${copies} people invited from here ${supporting === 1 ? 'has' : 'have'} not declined`
}

function refusalOf(copies: number): string {
  if (copies === 1) return 'the only person invited from here has declined'
  return copies === 2
    ? 'both people invited from here have declined'
    : `all ${copies} people invited from here declined`
}

function labelOf(platform: string): string {
  if (platform === 'sandbox') return 'the sandbox room'
  return isPlatform(platform) ? platformLabel(platform) : platform
}
