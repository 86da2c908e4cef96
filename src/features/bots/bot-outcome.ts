import { MINUTE_MS, SECOND_MS } from '../../base/time.ts'
import type { BotEventType } from './bot-state.ts'
import type { BotSubType } from './explain-bot-event.ts'

/** How an attempt ended. */
const botOutcomes = [
  /** It sat in the meeting until there was no more reason to. */
  'served',
  /** It made way for another meeting of the room, or for one that says no; its own may have the room again. */
  'gave_way',
  /** A person said no. */
  'stopped',
  /** The meeting was not to be attended any more, before its bot began. */
  'cancelled',
  /** The host said no, at the door or later. */
  'refused',
  'lobby_timed_out',
  /** A captcha, a login, or nothing behind the link: another attempt would see the same. */
  'locked_out',
  /** A process, a machine, a page or a connection of ours or on the way. */
  'infrastructure',
  /** Nobody had room for it. */
  'no_capacity',
  /** Not launched for another reason: no worker, no runner, found too late, or nobody knows. */
  'not_launched',
] as const
export type BotOutcome = (typeof botOutcomes)[number]

/** Outcomes of bots that were never sent: the meeting has had none of them. */
export const NEVER_LAUNCHED: readonly BotOutcome[] = ['no_capacity', 'not_launched']

const LOCKED_OUT: ReadonlySet<string> = new Set<BotSubType>([
  'meeting_not_found',
  'login_required',
  'captcha',
  'bot_not_allowed',
  // An Attendee server's (v1.64.1, bots/models.py): another attempt of the same bot would meet the same.
  'blocked_by_captcha',
  'bot_login_attempt_failed',
  'unpublished_zoom_app',
  'zoom_authorization_failed',
  'zoom_app_cannot_join_anonymously',
  'webinar_attendee_needs_panelist_promotion',
  'out_of_credits',
])
/** Nobody let us in for as long as we were willing to wait. */
const UNANSWERED: ReadonlySet<string> = new Set<BotSubType>([
  'waiting_room_timeout_exceeded',
  'meeting_not_started_waiting_for_host',
  'authorized_user_not_in_meeting_timeout_exceeded',
])
const REFUSALS: ReadonlySet<string> = new Set<BotSubType>(['request_to_join_denied', 'removed_from_meeting'])
/** Reasons for which we leave, or are asked to, although the meeting goes on. */
const LOSSES: ReadonlySet<string> = new Set<BotSubType>(['lease_lost', 'process_terminated', 'handed_over'])

/** How an attempt ended, from the event that ended it; null for an event that ends none. Later events do not change the answer. */
export function outcomeOf(event: BotEventType, subType: string | null, reason?: unknown): BotOutcome | null {
  switch (event) {
    case 'cancelled':
      return subType === 'user_requested' || subType === 'stopped_by_person' ? 'stopped' : 'cancelled'
    case 'leave_requested':
      if (subType === 'user_requested') return 'stopped'
      if (subType === 'meeting_moved') return 'cancelled'
      if (subType === 'room_says_no' || subType === 'next_meeting') return 'gave_way'
      return LOSSES.has(subType ?? '') ? 'infrastructure' : 'served'
    case 'meeting_ended':
      return REFUSALS.has(subType ?? '') ? 'refused' : 'served'
    case 'left_meeting':
      return subType === 'handed_on' ? 'gave_way' : 'served'
    case 'could_not_join_meeting':
      if (REFUSALS.has(subType ?? '')) return 'refused'
      if (LOCKED_OUT.has(subType ?? '')) return 'locked_out'
      return UNANSWERED.has(subType ?? '') ? 'lobby_timed_out' : 'infrastructure'
    case 'fatal_error':
      if (LOCKED_OUT.has(subType ?? '')) return 'locked_out'
      if (subType !== 'bot_not_launched') return 'infrastructure'
      if (reason === 'no_capacity') return 'no_capacity'
      return reason === 'launch_failed' ? 'infrastructure' : 'not_launched'
    default:
      return null
  }
}

/** An attempt at the same meeting, in the same room and at the same time. */
export interface PastAttempt {
  outcome: BotOutcome | null
  /** Whether it ever was in the room. */
  wasIn: boolean
}

/** Attempts in a row that did not even get into the room, through our own fault or that of the way. */
const FRUITLESS_ATTEMPTS = 6
/** Attempts at one meeting in one place, whatever became of them. */
const MOST_ATTEMPTS = 200

/**
 * Whether an attempt is followed by another while the meeting runs, and after how long in milliseconds; null: not. The last of `attempts` is
 * the one that just ended. Pure.
 */
export function furtherAttempt(attempts: readonly PastAttempt[]): { afterMs: number } | null {
  const last = attempts.at(-1)
  if (!last?.outcome || attempts.length >= MOST_ATTEMPTS) return null
  return further[last.outcome](attempts)
}

const never = () => null

const further: Record<BotOutcome, (attempts: readonly PastAttempt[]) => { afterMs: number } | null> = {
  served: never,
  // It waits in the seat of the other, and has the room again when its turn comes.
  gave_way: () => ({ afterMs: 0 }),
  stopped: never,
  cancelled: never,
  refused: never,
  locked_out: never,
  lobby_timed_out: (attempts) =>
    attempts.filter(({ outcome }) => outcome === 'lobby_timed_out').length > 1 ? null : { afterMs: 0 },
  infrastructure(attempts) {
    const fruitless = attempts.length - 1 - attempts.findLastIndex(({ wasIn }) => wasIn)
    if (fruitless >= FRUITLESS_ATTEMPTS) return null
    return { afterMs: fruitless <= 1 ? 0 : Math.min(SECOND_MS * 2 ** (fruitless - 1), MINUTE_MS / 4) }
  },
  // It waits for a place in the queue.
  no_capacity: () => ({ afterMs: 0 }),
  // What kept it from being launched may be over, and may be a key that only a person can mend.
  not_launched(attempts) {
    const before = attempts.length - 2 - attempts.findLastIndex(({ outcome }) => outcome !== 'not_launched')
    return { afterMs: before < 1 ? 0 : Math.min(MINUTE_MS * 2 ** (before - 1), 10 * MINUTE_MS) }
  },
}
