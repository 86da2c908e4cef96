import { AppError } from '../../../base/errors.ts'
import { MINUTE_MS } from '../../../base/time.ts'
import type { Meeting } from '../meeting.ts'

/** What was heard of a meeting. */
export interface Heard {
  meetingId: string
  from: Date
  until: Date
  /** Whether nothing of it is recorded or written any more. */
  isSettled: boolean
}

/** A bot comes so long before a meeting, and its people stay so long after it, without that being another's time. */
const BEFORE_MS = MINUTE_MS
const AFTER_MS = 15 * MINUTE_MS

/**
 * Of what was heard in a meeting's room for others that which is the meeting's where it was held; undefined where nothing is. Only a recording that is
 * settled, alone, and wholly of that time can be given over: none is cut. Throws `recorded_for_another` where that is not so. Pure.
 */
export function chooseHeard(
  meeting: Pick<Meeting, 'id' | 'startsAt' | 'endsAt'>,
  heard: readonly Heard[],
  now: Date,
): Heard | undefined {
  const others = heard.filter(
    ({ meetingId, from, until }) => meetingId !== meeting.id && from < meeting.endsAt && until > meeting.startsAt,
  )
  const [first, second] = others
  if (!first) return undefined
  if (meeting.endsAt > now || !first.isSettled)
    throw refusal(first, 'is still being written. Say it again when it is over')
  if (second)
    throw refusal(first, `and the meeting ${second.meetingId}'s, and more than one recording cannot be given over`)
  if (heard.some(({ meetingId }) => meetingId === meeting.id))
    throw refusal(first, 'and this meeting has a recording of its own, to which no other can be added')
  const beginsBefore = meeting.startsAt.getTime() - first.from.getTime() > BEFORE_MS
  if (beginsBefore || first.until.getTime() - meeting.endsAt.getTime() > AFTER_MS)
    throw refusal(first, 'and reaches beyond the time of this one, where nothing can be cut')
  return first
}

function refusal({ meetingId }: Heard, why: string): AppError {
  return new AppError(
    'recorded_for_another',
    `What was heard in this room at that time is the meeting ${meetingId}'s, ${why}. Give those who need it access to that one by name.`,
  )
}
