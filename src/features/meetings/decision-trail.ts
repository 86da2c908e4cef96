import { countOf } from '../../base/text.ts'
import { explanationOf } from './explain-decision.ts'
import type { Meeting, Reason } from './meeting.ts'
import { isPlatform, platformLabel } from './platform.ts'

const stepNames = ['calendars', 'room', 'wanted', 'time', 'rules', 'turn', 'runner', 'attendance'] as const
type TrailStepName = (typeof stepNames)[number]

/** One question of the decision: passed, where it ended, or not asked any more. */
export interface TrailStep {
  name: TrailStepName
  heading: string
  outcome: 'passed' | 'stopped' | 'not_asked'
  text: string
}

/** At which question a reason ends the decision; null where it passes them all but, perhaps, the last two. */
const stopsAt: Record<Reason, TrailStepName | null> = {
  wanted: null,
  sent_by_person: null,
  stopped_by_person: 'wanted',
  rule: 'rules',
  person_opted_out: 'rules',
  gone: 'calendars',
  merged: 'room',
  another_meeting_held: 'turn',
  room_closed: 'turn',
  cancelled: 'wanted',
  all_declined: 'wanted',
  no_connected_calendar: 'wanted',
  already_over: 'time',
  opted_out: 'rules',
  confidential: 'rules',
  private: 'rules',
  out_of_office: 'rules',
  focus_time: 'rules',
  working_location: 'rules',
  birthday: 'rules',
  all_day: 'rules',
}

const headings: Record<TrailStepName, string> = {
  calendars: 'Seen in calendars',
  room: 'One meeting',
  wanted: 'Somebody wants it',
  time: 'Still to come when planned',
  rules: 'Rules',
  turn: 'The room is free for it',
  runner: 'A way to join',
  attendance: 'Attendance',
}

/** The questions a decision went through, in their order, up to the one that ended it. Pure. */
export function decisionTrail(meeting: Meeting, now: Date): TrailStep[] {
  const stop = stopOf(meeting)
  const stopIndex = stop === null ? stepNames.length : stepNames.indexOf(stop)
  const { because, obstacle } = explanationOf(meeting, now)
  return stepNames.map((name, index) => {
    const heading = headings[name]
    if (index > stopIndex) return { name, heading, outcome: 'not_asked', text: 'Not asked any more.' }
    if (index < stopIndex) return { name, heading, outcome: 'passed', text: passedTexts[name](meeting, because) }
    const text = isWanted(meeting) ? (obstacle ?? '') : `${capitalised(because)}.`
    return { name, heading, outcome: 'stopped', text }
  })
}

function isWanted({ decision }: Meeting): boolean {
  return decision !== 'skip'
}

function stopOf(meeting: Meeting): TrailStepName | null {
  if (!isWanted(meeting)) return stopsAt[meeting.reason]
  if (meeting.decision === 'no_runner') return 'runner'
  return meeting.decision === 'observe' ? 'attendance' : null
}

const passedTexts: Record<TrailStepName, (meeting: Meeting, because: string) => string> = {
  calendars: (meeting) => `In ${countOf(meeting.copies, 'calendar')} of this organisation.`,
  room: (meeting) =>
    meeting.copies > 1
      ? `${meeting.copies} copies of the invitation are one meeting, which gets one bot.`
      : 'No other invitation is the same meeting.',
  wanted: (meeting, because) =>
    isWanted(meeting) && meeting.reason !== 'rule'
      ? `${capitalised(because)}.`
      : 'At least one person invited from here has not declined.',
  time: () => 'It was not over yet.',
  rules: (meeting, because) => {
    if (meeting.reason === 'sent_by_person') return 'What a person says wins over them.'
    return meeting.reason === 'rule' ? `${capitalised(because)}.` : 'No rule leaves it out.'
  },
  turn: ({ seatFrom }) =>
    seatFrom === null
      ? 'No other meeting comes before it there.'
      : 'Another meeting comes before it there, for a part of its time.',
  runner: (meeting) =>
    `There is a way to join ${isPlatform(meeting.platform) ? platformLabel(meeting.platform) : meeting.platform}.`,
  attendance: (meeting) =>
    meeting.reason === 'sent_by_person' ? 'What a person says wins over it.' : 'Attendance is switched on.',
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
