import { randomUUID } from 'node:crypto'
import { type Clock, isCertain } from '../../../base/clock.ts'
import { newBotId } from '../../../base/ids.ts'
import type { Transaction } from '../../../platform/db/index.ts'
import {
  attendJobOf,
  type Bot,
  furtherAttempt,
  hasLiveBot,
  insertBots,
  isWaitingToBegin,
  moveBot,
  raiseFence,
  runnerTraits,
  type SittingLimits,
  type TimedJob,
} from '../../bots/index.ts'
import { latestJoinOf } from '../../meetings/index.ts'
import { whyNotLaunched } from '../supervising/why-not-launched.ts'
import { readWorkersOfDay } from '../workers/worker-store.ts'
import { type BotAtMeeting, lockBotsOfJob, type MeetingToAttend, readAttempts } from './held-bot-store.ts'

interface ClaimDeps {
  clock: Clock
  limits: SittingLimits
}

/**
 * Takes the bots of a job for one worker: raises their fences, so that whoever had them before cannot write any more, and stages them. A
 * bot that was in its room when its worker was lost has ended, and another attempt takes its place while the meeting runs; where the
 * runner's bots survive their worker it goes on. Answers the bots to sit with, in the order in which they join; and the meetings that
 * ended with this.
 */
export async function claimBots(
  deps: ClaimDeps,
  trx: Transaction,
  input: { jobId: string; holder: string },
): Promise<{ claimed: { bot: Bot; meeting: MeetingToAttend }[]; ended: MeetingToAttend[] }> {
  const claimed: { bot: Bot; meeting: MeetingToAttend }[] = []
  const ended: MeetingToAttend[] = []
  for (const found of await lockBotsOfJob(trx, input.jobId)) {
    const bot = await claimBot(deps, trx, found, input)
    if (bot) claimed.push({ bot, meeting: found.meeting })
    else ended.push(found.meeting)
  }
  return { claimed, ended }
}

async function claimBot(
  deps: ClaimDeps,
  trx: Transaction,
  found: BotAtMeeting,
  { jobId, holder }: { jobId: string; holder: string },
): Promise<Bot | undefined> {
  const { bot, meeting } = found
  const now = deps.clock.now()
  const taken = await raiseFence(trx, bot, { holder }, now)
  // One that was ordered from a server and is not wanted any more has to be taken back there.
  const isOrdered = !isWaitingToBegin(bot.state) || (bot.state === 'staged' && bot.wanted !== 'attend')
  if (runnerTraits[bot.runner].survivesWorker && isOrdered) return taken
  if (isWaitingToBegin(bot.state)) {
    if (bot.wanted !== 'attend') {
      await moveBot(trx, { bot: taken, event: 'cancelled', end: 'not_wanted', now })
      return undefined
    }
    if (isCertain(deps.clock) && !isWorthJoining(meeting, deps.limits, now)) {
      const end = whyNotLaunched(found, await readWorkersOfDay(trx), deps.limits)
      await moveBot(trx, { bot: taken, event: 'fatal_error', end, now })
      return undefined
    }
    if (bot.state === 'staged') return taken
    const state = await moveBot(trx, { bot: taken, event: 'staged', now })
    return state === null ? undefined : { ...taken, state }
  }
  if (bot.state === 'post_processing') {
    // It had left, or another meeting had taken over its seat: what it heard is stored as far as it ever will be.
    await moveBot(trx, { bot: taken, event: 'post_processing_completed', now })
    return undefined
  }
  await moveBot(trx, { bot: taken, event: 'fatal_error', end: 'process_terminated', now })
  const { limits } = deps
  return (await nextAttempt(trx, { ended: bot, meeting, jobId, holder, state: 'staged', limits, now }))?.bot
}

/** Whether enough is left of a meeting for a bot to join it. */
function isWorthJoining(meeting: MeetingToAttend, { lateJoinMs }: SittingLimits, now: Date): boolean {
  return latestJoinOf(meeting, lateJoinMs) > now.getTime()
}

/**
 * A further attempt at a meeting whose bot has just ended, if how it and those before it ended allows one and enough of the meeting is left;
 * the new bot has the given job. Where none was at the meeting as it is now, since it moved, there is one at once, as a sweep would find. One that
 * lingered leaves none to make: the meeting's other bot is what decides.
 */
export async function nextAttempt(
  trx: Transaction,
  input: {
    ended: Pick<Bot, 'runner' | 'wanted'>
    meeting: MeetingToAttend
    jobId: string
    holder: string | null
    state: 'scheduled' | 'staged'
    limits: SittingLimits
    now: Date
  },
): Promise<{ bot: Bot; afterMs: number } | undefined> {
  const { ended, meeting, jobId, holder, state, limits, now } = input
  if (ended.wanted === 'linger' || !meeting.isWanted || !isWorthJoining(meeting, limits, now)) return undefined
  if (await hasLiveBot(trx, meeting.id, { attending: true })) return undefined
  const attempts = await readAttempts(trx, meeting)
  const further = attempts.length === 0 ? { afterMs: 0 } : furtherAttempt(attempts)
  if (!further) return undefined
  const bot: Bot = {
    id: newBotId(),
    meetingId: meeting.id,
    roomKey: meeting.roomKey,
    runner: ended.runner,
    state,
    joinAt: new Date(Math.max(meeting.attendedAt.getTime(), now.getTime() + further.afterMs)),
    attendsAt: meeting.attendedAt,
    fence: state === 'staged' ? 1 : 0,
    wanted: 'attend',
    jobId,
    holder,
  }
  await insertBots(trx, [bot], now)
  return { bot, ...further }
}

/**
 * Gives a bot up for another worker, under another job, which is answered and to be sent. One that goes on without a worker (`goesOn`: what was
 * ordered from a server stays ordered) stays as it is, to be followed or taken back at once; one that waits is scheduled again.
 */
export async function giveBackBot(
  trx: Transaction,
  input: { bot: Bot; goesOn: boolean; now: Date },
): Promise<TimedJob> {
  const { bot, goesOn, now } = input
  const passed = await raiseFence(trx, bot, { holder: null, jobId: randomUUID() }, now)
  if (goesOn) return attendJobOf(passed, now)
  if (bot.state !== 'staged') return attendJobOf(passed)
  const state = await moveBot(trx, { bot: passed, event: 'rescheduled', detail: { why: 'given_back' }, now })
  return attendJobOf({ ...passed, state: state ?? passed.state })
}
