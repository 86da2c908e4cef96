import { inTransaction } from '../../../platform/db/index.ts'
import { completeJob, type HeldJob, touchJobs } from '../../../platform/jobs/index.ts'
import { attendMeetingJob, type Bot, isWaitingToBegin } from '../../bots/index.ts'
import { FenceLost } from '../writing/sitting-writer.ts'
import { writeAtLast } from '../writing/write-at-last.ts'
import { claimBots } from './claim-bot.ts'
import { type BotAtMeeting, type MeetingToAttend, readBotsOfJobs } from './held-bot-store.ts'
import type { SettleDeps } from './settle-bot.ts'
import { giveToOccupant } from './share-seat.ts'

export type SeatJobDeps = SettleDeps

/**
 * The bots of a job that are ours now; those whose room's seat is taken go to the worker that has it. Throws `FenceLost` where the job is
 * another worker's.
 */
export function claimSeat(deps: SeatJobDeps, job: HeldJob): Promise<{ bot: Bot; meeting: MeetingToAttend }[]> {
  const { db, queue, clock, limits, workerId, settled } = deps
  const claim = () =>
    inTransaction(db, async (trx) => {
      // What comes twice, or late, is somebody else's by now.
      const held = await touchJobs(queue, attendMeetingJob.name, [job], trx)
      if (!held.has(job.id)) throw new FenceLost(`The job ${job.id} has another worker`)
      const input = { jobId: job.id, holder: workerId }
      const { claimed, ended } = await claimBots({ clock, limits }, trx, input)
      for (const meeting of ended) await settled(trx, meeting)
      const ours: typeof claimed = []
      for (const one of claimed)
        if (!isWaitingToBegin(one.bot.state) || !(await giveToOccupant({ clock }, trx, one.bot))) ours.push(one)
      return ours
    })
  return writeAtLast(deps, claim)
}

/** Completes a job, unless it has got other bots meanwhile: then answers those. One that is given up is completed in any case. */
export function completeSeat(deps: SeatJobDeps, job: HeldJob, isGivenUp: () => boolean): Promise<BotAtMeeting[]> {
  const complete = () =>
    inTransaction(deps.db, async (trx) => {
      const live = await readBotsOfJobs(trx, [job.id])
      const ours = live.filter(({ bot }) => bot.holder === deps.workerId && bot.state === 'staged')
      if (ours.length === 0 || isGivenUp()) await completeJob(deps.queue, trx, attendMeetingJob.name, job)
      return isGivenUp() ? [] : ours
    })
  return writeAtLast(deps, complete)
}
