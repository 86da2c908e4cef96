import { randomUUID } from 'node:crypto'
import { MINUTE_MS } from '../../../base/time.ts'
import { inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { sendJobs, sendTimedJobs } from '../../../platform/jobs/index.ts'
import {
  attendJobOf,
  type Bot,
  type BotEnd,
  type BotHappening,
  isFinal,
  moveBot,
  runnerTraits,
  type SittingLimits,
  type TimedJob,
} from '../../bots/index.ts'
import { seeToBotRequest } from '../jobs.ts'
import { FenceLost, type WriterDeps } from '../writing/sitting-writer.ts'
import { writeAtLast } from '../writing/write-at-last.ts'
import { giveBackBot, nextAttempt } from './claim-bot.ts'
import { lockBot, type MeetingToAttend } from './held-bot-store.ts'

export interface SettleDeps extends WriterDeps {
  workerId: string
  limits: SittingLimits
  /** Told of a meeting that no bot of ours attends any more, in the transaction in which that comes true. */
  settled(trx: Transaction, meeting: Pick<MeetingToAttend, 'id' | 'startsAt'>): Promise<void>
}

/** How a bot's sitting came to its end, besides what the bot told of it. */
export interface SittingEnd {
  /** Its bot host is gone. */
  isLost?: boolean
  /** It never began, for this reason. */
  launchFailure?: { end: BotEnd; said: string }
  /** This worker does not go on with the meeting. */
  givesBack?: boolean
  /** It goes on without its worker. */
  survives?: boolean
  /** It waited, and its meeting's time passed while another was held. */
  hasNoTurn?: boolean
}

/** What to go on with under the same job. */
interface Continuation {
  bot: Bot
  meeting: MeetingToAttend
  afterMs: number
}

/** Nothing is done: what was to follow does not. */
class NotFollowed extends Error {
  override readonly name = 'NotFollowed'
}

/**
 * Brings a lost bot to its end if another attempt follows it under the same job, which is answered; undefined, and nothing done, where none does.
 * Nobody is in the room meanwhile, so this waits for nothing that is still to be written of it. Throws as `settleBot`.
 */
export async function followLostBot(
  deps: SettleDeps,
  { bot, jobId }: { bot: Bot; jobId: string },
): Promise<Continuation | undefined> {
  try {
    return await writeAtLast(deps, () =>
      inTransaction(deps.db, async (trx) => {
        const next = await settle(deps, trx, { bot, jobId, end: { isLost: true } })
        if (!next) throw new NotFollowed()
        return next
      }),
    )
  } catch (error) {
    if (error instanceof NotFollowed) return undefined
    throw error
  }
}

/**
 * Brings a bot whose sitting is over to the state in which it rests, and sees to what follows: another attempt under the same job, a job of
 * its own for another worker, or the end of the meeting. May run twice. Throws `FenceLost` where the bot is somebody else's.
 */
export async function settleBot(
  deps: SettleDeps,
  input: { bot: Bot; jobId: string; end: SittingEnd },
): Promise<Continuation | undefined> {
  return writeAtLast(deps, () => inTransaction(deps.db, (trx) => settle(deps, trx, input)))
}

async function settle(
  deps: SettleDeps,
  trx: Transaction,
  { bot: known, jobId, end }: { bot: Bot; jobId: string; end: SittingEnd },
): Promise<Continuation | undefined> {
  const found = await lockBot(trx, known.id)
  if (found?.bot.fence !== known.fence) throw new FenceLost(`The bot ${known.id} has another worker`)
  const { meeting } = found
  const now = deps.clock.now()
  const send = (job: TimedJob) => sendTimedJobs(deps.queue, trx, [{ ...job.request, id: job.id }])
  // One that a server would not send waits in the queue, from where it can be fetched when the server is mended.
  const wasRefused = runnerTraits[found.bot.runner].survivesWorker && found.bot.outcome === 'not_launched'
  const isOurs = !end.givesBack && end.launchFailure === undefined && !wasRefused

  if (end.survives && end.givesBack && !isFinal(found.bot.state)) {
    await send(await giveBackBot(trx, { bot: found.bot, goesOn: true, now }))
    return undefined
  }
  const rests = await rest(trx, found, end, now)
  if (rests === 'waits') {
    if (isOurs) return { bot: found.bot, meeting, afterMs: 0 }
    await send(await giveBackBot(trx, { bot: found.bot, goesOn: false, now }))
    return undefined
  }
  if (runnerTraits[found.bot.runner].survivesWorker) await sendJobs(deps.queue, trx, [seeToBotRequest(found.bot.id)])
  const next = await nextAttempt(trx, {
    ended: found.bot,
    meeting,
    jobId: isOurs ? jobId : randomUUID(),
    holder: isOurs ? deps.workerId : null,
    state: isOurs ? 'staged' : 'scheduled',
    limits: deps.limits,
    now,
  })
  if (!next) await deps.settled(trx, meeting)
  else if (isOurs) return { bot: next.bot, meeting, afterMs: next.afterMs }
  else await send(attendJobOf(next.bot, new Date(now.getTime() + next.afterMs)))
  return undefined
}

/** Moves a bot to where nothing is left to be done for it; `waits` where it never began and is still wanted. */
async function rest(
  trx: Transaction,
  { bot, meeting }: { bot: Bot; meeting: MeetingToAttend },
  end: SittingEnd,
  now: Date,
): Promise<'waits' | 'over'> {
  let at = bot
  const move = async (what: BotHappening) => {
    const state = await moveBot(trx, { bot: at, ...what, now })
    if (state !== null) at = { ...at, state }
  }
  if (at.state === 'staged') {
    if (at.wanted !== 'attend' || !meeting.isWanted) await move({ event: 'cancelled', end: 'not_wanted' })
    else if (end.hasNoTurn) await move({ event: 'cancelled', end: 'another_meeting_held' })
    else if (end.launchFailure !== undefined) {
      const { end: name, said } = end.launchFailure
      await move({ event: 'fatal_error', end: name, detail: { said } })
    } else if (end.isLost) await move({ event: 'fatal_error', end: 'process_terminated' })
    else return 'waits'
  }
  if (at.state === 'leaving') await move({ event: 'left_meeting' })
  if (at.state === 'joining' || at.state === 'waiting_room' || at.state === 'joined_recording')
    await move({ event: 'fatal_error', end: 'process_terminated' })
  if (at.state === 'post_processing') await move({ event: 'post_processing_completed' })
  return 'over'
}

/** A staged bot whose meeting moved further away than this is given back to the queue. */
export const STAGED_AT_MOST_MS = 20 * MINUTE_MS
