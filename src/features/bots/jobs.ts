import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'
import type { Bot } from './bot.ts'
import { isWaitingToBegin } from './bot-state.ts'
import { type RunnerTraits, runnerNames, runnerTraits } from './runner-traits.ts'

/** Attends one meeting from staging to the end. One per bot, whose row names it and says whether still; a meeting has one live bot. */
export const attendMeetingJob = defineJob({
  name: 'attend-meeting',
  payload: z.object({ meetingId: z.uuid() }),
  policy: 'exclusive',
  isHeld: true,
  // A bot whose worker is cut off leaves two seconds earlier, so a database may be away for a good 15 s.
  heartbeatSeconds: 22,
  retryLimit: 1_000,
  // A job that was lost is taken again at once.
  retryDelaySeconds: 0,
  expireInSeconds: 86_400,
})

/** The job of a bot that takes the place of one that was lost or handed over goes before those that never had a place. */
const HAD_A_PLACE = 1
/** Jobs from this on need no place in a browser of ours, and can be taken without the others. */
export const NEEDS_NO_PLACE = 2
/** The job of a bot that is in its room without a worker: it has its place already. */
export const HAS_ITS_PLACE = 3

/** In which order jobs are taken that are due: higher goes first. */
export function jobPriority({ runner, state, origin }: Pick<Bot, 'runner' | 'state' | 'origin'>): number {
  const { takesPlace, survivesWorker } = runnerTraits[runner]
  if (takesPlace) return origin === undefined ? HAD_A_PLACE : 0
  return survivesWorker && !isWaitingToBegin(state) ? HAS_ITS_PLACE : NEEDS_NO_PLACE
}

/** What is known of the runner of a job's bots: each job is sent with its name as its group. */
export function traitsOfJob({ group }: { group: string | null }): RunnerTraits {
  return runnerTraits[runnerNames.find((name) => name === group) ?? runnerNames[0]]
}
