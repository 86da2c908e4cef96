import type { BotAtMeeting } from './held-bot-store.ts'
import type { SittingLimits } from './runners/limits.ts'
import type { WorkerFacts } from './worker-store.ts'

/** Why a bot was never launched. */
export const notLaunchedReasons = ['no_capacity', 'no_worker', 'no_runner', 'found_too_late', 'launch_failed'] as const
export type NotLaunched = (typeof notLaunchedReasons)[number]

/** Why nobody launched a bot in time, as far as the workers that there are now tell. Pure. */
export function whyNotLaunched(
  { bot, meeting }: BotAtMeeting,
  workers: readonly WorkerFacts[],
  { lateJoinMs }: Pick<SittingLimits, 'lateJoinMs'>,
): NotLaunched {
  const latestJoin = new Date(meeting.endsAt.getTime() - lateJoinMs)
  if (bot.createdAt >= latestJoin) return 'found_too_late'
  // Whoever came only after it was too late could not have done it, and whoever stops takes nothing new.
  const inTime = workers.filter(({ startedAt, isDraining }) => startedAt < latestJoin && !isDraining)
  if (inTime.length === 0) return 'no_worker'
  return inTime.some(({ runners }) => runners.includes(bot.runner)) ? 'no_capacity' : 'no_runner'
}
