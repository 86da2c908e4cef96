import type { Clock } from '../../base/clock.ts'
import { newBotId } from '../../base/ids.ts'
import type { Transaction } from '../../platform/db/index.ts'
import { type Bot, LATEST_JOIN_BEFORE_END_MS, type RunnerName } from './bot.ts'
import { isFinal, isWaitingToBegin } from './bot-state.ts'
import { insertBots, lockBotsOfMeeting, moveBot, raiseFence } from './bot-store.ts'

/** The meeting a bot is sent to, as far as sending it needs to know. */
export interface MeetingToAttend {
  id: string
  roomKey: string
  startsAt: Date
  endsAt: Date
}

/**
 * Takes a meeting's bot for one worker: raises its fence, so that whoever had it before cannot write any more, and stages it. A bot that
 * was in its room when its worker was lost has ended, and another attempt takes its place while the meeting runs; where the runner's bots
 * survive their worker it goes on. Undefined where nobody is to be sent.
 */
export async function claimBot(
  deps: { clock: Clock; survivesWorker(runner: RunnerName): boolean },
  trx: Transaction,
  input: { meeting: MeetingToAttend; jobId: string },
): Promise<Bot | undefined> {
  const { meeting, jobId } = input
  const now = deps.clock.now()
  const bots = await lockBotsOfMeeting(trx, meeting.id)
  const live = bots.find((bot) => !isFinal(bot.state))
  if (!live) return undefined
  if (deps.survivesWorker(live.runner) && !isWaitingToBegin(live.state)) return raiseFence(trx, live, now)
  if (isWaitingToBegin(live.state)) {
    const claimed = await raiseFence(trx, live, now)
    if (live.state === 'staged') return claimed
    const state = await moveBot(trx, { bot: claimed, event: 'staged', now })
    return state === null ? undefined : { ...claimed, state }
  }
  await moveBot(trx, { bot: live, event: 'fatal_error', subType: 'process_terminated', now })
  return nextAttempt(trx, { meeting, jobId, runner: live.runner, now })
}

/** A further attempt at a meeting after one was lost; undefined where too little of the meeting is left. */
export async function nextAttempt(
  trx: Transaction,
  input: { meeting: MeetingToAttend; jobId: string; runner: RunnerName; now: Date },
): Promise<Bot | undefined> {
  const { meeting, jobId, runner, now } = input
  if (meeting.endsAt.getTime() - LATEST_JOIN_BEFORE_END_MS <= now.getTime()) return undefined
  const bot: Bot = {
    id: newBotId(),
    meetingId: meeting.id,
    roomKey: meeting.roomKey,
    runner,
    state: 'staged',
    joinAt: new Date(Math.max(meeting.startsAt.getTime(), now.getTime())),
    fence: 1,
    wanted: 'attend',
    wantedVersion: 0,
    jobId,
  }
  await insertBots(trx, [bot], now)
  return bot
}
