import { MINUTE_MS } from '../../../base/time.ts'
import { type BotEnd, runnerTraits, type SittingLimits } from '../../bots/index.ts'
import { latestJoinOf } from '../../meetings/index.ts'
import type { BotAtMeeting } from '../seat/held-bot-store.ts'
import type { WorkerFacts } from '../workers/worker-store.ts'

/** A bot that waits for a place is seen to every few seconds. */
const SEEN_LATELY_MS = MINUTE_MS

/**
 * Why nobody launched a bot in time, as far as somebody looked: `no_capacity` only where a worker saw to the end that every place was taken.
 * `workers` are those of the last day, gone or not. Pure.
 */
export function whyNotLaunched(
  { bot, meeting }: BotAtMeeting,
  workers: readonly WorkerFacts[],
  { lateJoinMs }: Pick<SittingLimits, 'lateJoinMs'>,
): BotEnd {
  const latestJoin = new Date(latestJoinOf(meeting, lateJoinMs))
  if (bot.createdAt >= latestJoin) return 'found_too_late'
  const missedMs = bot.placeMissingAt?.getTime() ?? Number.NEGATIVE_INFINITY
  if (missedMs >= latestJoin.getTime() - SEEN_LATELY_MS) return 'no_capacity'
  // Somebody had it.
  if (bot.state !== 'scheduled') return 'bot_not_launched'
  const dueAt = new Date(bot.joinAt.getTime() - runnerTraits[bot.runner].stagedBefore.leastMs)
  // Whoever came only after it was too late could not have done it, and whoever stops takes nothing new.
  const inTime = workers.filter(
    ({ startedAt, seenAt, isDraining }) => startedAt < latestJoin && seenAt >= dueAt && !isDraining,
  )
  if (inTime.length === 0) return 'no_worker'
  return inTime.some(({ runners }) => runners.includes(bot.runner)) ? 'bot_not_launched' : 'no_runner'
}
