import { backoffMs, type Growth } from '../../base/backoff.ts'
import { MINUTE_MS, SECOND_MS } from '../../base/time.ts'

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
  /** A captcha, a login, nothing behind the link, or a bot that can do nothing there: another attempt would see the same. */
  'locked_out',
  /** A process, a machine, a page or a connection of ours or on the way. */
  'infrastructure',
  /** It could not be started, which may work the next time. */
  'launch_failed',
  /** Nobody had room for it. */
  'no_capacity',
  /** Not launched for another reason: no worker, no runner, a key that is not accepted, found too late, or nobody knows. */
  'not_launched',
  /** A server did not take the order, and would not take it again. */
  'order_refused',
] as const
export type BotOutcome = (typeof botOutcomes)[number]

/** Outcomes of bots that nobody launched and somebody may yet: the meeting has had none of them. */
export const NOT_YET_LAUNCHED: readonly BotOutcome[] = ['no_capacity', 'not_launched']

/** Whether a bot that ended so was never sent at all. */
export function wasNeverSent(outcome: string | null): boolean {
  return NEVER_SENT.has(outcome)
}

const NEVER_SENT: ReadonlySet<string | null> = new Set<BotOutcome>([
  ...NOT_YET_LAUNCHED,
  'launch_failed',
  'order_refused',
])

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

const AFTER_LOSS: Growth = { firstMs: 2 * SECOND_MS, mostMs: MINUTE_MS / 4 }
const NOT_LAUNCHED: Growth = { firstMs: MINUTE_MS, mostMs: 10 * MINUTE_MS }

const never = () => null

/** Through our own fault or that of the way: after growing seconds, and not for ever where it never comes in. */
function afterLoss(attempts: readonly PastAttempt[]): { afterMs: number } | null {
  const fruitless = attempts.length - 1 - attempts.findLastIndex(({ wasIn }) => wasIn)
  if (fruitless >= FRUITLESS_ATTEMPTS) return null
  return { afterMs: fruitless <= 1 ? 0 : backoffMs(fruitless - 2, AFTER_LOSS) }
}

const further: Record<BotOutcome, (attempts: readonly PastAttempt[]) => { afterMs: number } | null> = {
  served: never,
  // It waits in the seat of the other, and has the room again when its turn comes.
  gave_way: () => ({ afterMs: 0 }),
  stopped: never,
  cancelled: never,
  refused: never,
  locked_out: never,
  order_refused: never,
  lobby_timed_out: (attempts) =>
    attempts.filter(({ outcome }) => outcome === 'lobby_timed_out').length > 1 ? null : { afterMs: 0 },
  infrastructure: afterLoss,
  launch_failed: afterLoss,
  // It waits for a place in the queue.
  no_capacity: () => ({ afterMs: 0 }),
  // What kept it from being launched may be over, and may be a key that only a person can mend.
  not_launched(attempts) {
    const before = attempts.length - 2 - attempts.findLastIndex(({ outcome }) => outcome !== 'not_launched')
    return { afterMs: before < 1 ? 0 : backoffMs(before - 1, NOT_LAUNCHED) }
  },
}
