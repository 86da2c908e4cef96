import { dayOf } from '../../../../base/time.ts'
import { clockTime, dayAndTime } from '../../formats.ts'
import { countDay, type DayNumbers } from './day-numbers.ts'
import type { DayView } from './read-day.ts'

/** The day in one or two sentences: what needs somebody, then what becomes of its meetings. */
export function verdictOf(view: DayView): string[] {
  const { calendars, attention, meetings } = view
  if (calendars.ever === 0) return ['No calendar was ever connected, so there is nothing to plan.']
  const needs =
    attention.count === 0 ? [] : [`${attention.count} ${attention.count === 1 ? 'thing needs' : 'things need'} you.`]
  const silence = silenceOf(view)
  if (silence !== null) return [...needs, silence]
  if (meetings.length === 0) return needs
  const numbers = countDay(meetings, view.now)
  const calm = needs.length === 0 && numbers.covered === numbers.due && view.attendance === 'on' ? ['All well.'] : []
  return [...needs, ...calm, meetingsSentence(numbers, view), ...nextBot(view)]
}

/** If every connected calendar is overdue, what is shown may be old, and nothing else is worth saying. */
function silenceOf({ calendars, attention, zone }: DayView): string | null {
  const late = attention.calendars.filter((calendar) => calendar.failureCount === 0 && calendar.state === 'connected')
  if (calendars.connected === 0 || late.length < calendars.connected) return null
  const since = calendars.lastSuccessAt
  return since === null
    ? 'We cannot tell how the day stands: no calendar has been read yet. Is the worker running?'
    : `We cannot tell how the day stands: no calendar has been read since ${dayAndTime(since, zone)}. Is the worker running?`
}

function meetingsSentence(numbers: DayNumbers, view: DayView): string {
  const { meetings, attended, observed, noRunner } = numbers
  const isOn = view.attendance === 'on'
  const isOver = view.meetings.every(({ meeting }) => meeting.endsAt <= view.now)
  const wanted = isOn ? attended : attended + observed + noRunner
  const verb = isOn
    ? isOver
      ? 'were to be attended'
      : 'will be attended'
    : isOver
      ? 'would have been attended'
      : 'would be attended'
  const whole = meetings === 1 ? 'The one meeting' : `${wanted} of ${meetings} meetings`
  const day = view.day === dayOf(view.now, view.zone) ? ' today' : ''
  const barrier = noRunner === 0 ? '' : `; for ${noRunner} ${isOn ? 'more ' : 'of them '}there is no way to join yet`
  if (meetings > 1) return `${whole}${day} ${verb}${barrier}.`
  const single = verb.replace('were', 'was')
  return wanted === 1
    ? `${whole}${day} ${single}${noRunner ? ', but there is no way to join it yet' : ''}.`
    : `${whole}${day} is not attended.`
}

function nextBot({ meetings, now, zone }: DayView): string[] {
  const next = meetings.find(({ meeting, status }) => status === 'planned' && meeting.startsAt > now)
  return next ? [`The next bot joins at ${clockTime(next.meeting.startsAt, zone)}.`] : []
}
