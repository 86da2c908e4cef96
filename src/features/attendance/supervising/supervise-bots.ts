import { randomUUID } from 'node:crypto'
import { type Clock, isCertain } from '../../../base/clock.ts'
import { HOUR_MS } from '../../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import {
  announceBot,
  attendJobOf,
  type Bot,
  type BotHappening,
  isFinal,
  isWaitingToBegin,
  moveBot,
  raiseFence,
  runnerTraits,
  type SittingLimits,
  type TimedJob,
} from '../../bots/index.ts'
import { giveBackBot, nextAttempt } from '../seat/claim-bot.ts'
import {
  type BotAtMeeting,
  listLiveBots,
  listNotLaunched,
  lockBot,
  type MeetingToAttend,
} from '../seat/held-bot-store.ts'
import { readWorkersOfDay, type WorkerFacts } from '../workers/worker-store.ts'
import { overdueEnd } from './bot-deadline.ts'
import { whyNotLaunched } from './why-not-launched.ts'

export interface SuperviseDeps {
  db: Database
  clock: Clock
  limits: SittingLimits
  sendTimed(trx: Transaction, jobs: readonly TimedJob[]): Promise<void>
  cancelTimed(trx: Transaction, jobIds: readonly string[]): Promise<void>
  /** Of some jobs, those that wait for their time or are held. */
  findLiveJobs(ids: readonly string[]): Promise<Map<string, 'waiting' | 'held'>>
  /** Told of a meeting that no bot of ours attends any more. */
  settled(trx: Transaction, meeting: MeetingToAttend): Promise<void>
}

/** Further ahead the hourly sweep sees to it that what is planned has its bot. */
const AHEAD_MS = HOUR_MS
const PAGE_BOTS = 500

/**
 * Finds bots that nobody sees to, and bots that have been in their state for too long, and brings them to where they belong: a job of their
 * own, another attempt, or their end with its reason. Whoever still sits for one loses it with the raised fence. Answers how many there were.
 */
export async function superviseBots(deps: SuperviseDeps): Promise<number> {
  const workers = await readWorkersOfDay(deps.db)
  const until = new Date(deps.clock.now().getTime() + AHEAD_MS)
  let healed = 0
  for (let afterId = ''; ; ) {
    const page = await listLiveBots(deps.db, until, afterId, PAGE_BOTS)
    const last = page.at(-1)
    if (!last) return healed + (await tryAgain(deps))
    const jobs = await deps.findLiveJobs(page.flatMap(({ bot }) => bot.jobId ?? []))
    for (const found of page) {
      const isSeenTo = found.bot.jobId !== null && jobs.has(found.bot.jobId)
      if (isSeenTo && !endByNow(deps, found)) continue
      if (await inTransaction(deps.db, (trx) => heal(deps, trx, found.bot.id, workers))) healed++
    }
    afterId = last.bot.id
  }
}

/** How a bot's time is over; undefined where it is not, or where nobody can be certain what time it is. */
function endByNow(
  { clock, limits }: Pick<SuperviseDeps, 'clock' | 'limits'>,
  { bot, meeting }: BotAtMeeting,
): BotHappening | undefined {
  return isCertain(clock) ? overdueEnd(bot, meeting, limits, clock.now()) : undefined
}

async function heal(
  deps: SuperviseDeps,
  trx: Transaction,
  botId: string,
  workers: readonly WorkerFacts[],
): Promise<boolean> {
  const found = await lockBot(trx, botId)
  if (!found || isFinal(found.bot.state)) return false
  const { bot } = found
  const now = deps.clock.now()
  const end = endByNow(deps, found)
  const job = bot.jobId === null ? undefined : (await deps.findLiveJobs([bot.jobId])).get(bot.jobId)
  if (job && !end) return false
  if (!end && (isWaitingToBegin(bot.state) || runnerTraits[bot.runner].survivesWorker)) {
    await deps.sendTimed(trx, [
      await giveBackBot(trx, {
        bot,
        goesOn: runnerTraits[bot.runner].survivesWorker && bot.state !== 'scheduled',
        now,
      }),
    ])
    return true
  }
  if (job === 'held' && mayBeInRoom(bot)) {
    await raiseFence(trx, bot, { holder: null }, now)
    await announceBot(trx, bot.id)
    return true
  }
  if (job === 'waiting' && bot.jobId !== null) await deps.cancelTimed(trx, [bot.jobId])
  const taken = await raiseFence(trx, bot, { holder: null }, now)
  await bringToRest(deps, trx, { ...found, bot: { ...found.bot, ...taken } }, end, workers, now)
  if (!(await attemptAgain(deps, trx, found, now))) await deps.settled(trx, found.meeting)
  return true
}

/**
 * Whether it may sit in its room for as long as its job is held, whatever its row says: its holder may be cut off. One that hears of the raised
 * fence lets go of it; then, or when nobody holds the job any more, it is brought to its end, and not before.
 */
function mayBeInRoom({ runner, state }: Bot): boolean {
  return !runnerTraits[runner].survivesWorker && state !== 'scheduled' && state !== 'post_processing'
}

/** Gives meetings that run another attempt where nobody launched the last one; answers how many. */
async function tryAgain(deps: SuperviseDeps): Promise<number> {
  const now = deps.clock.now()
  let tried = 0
  for (const botId of await listNotLaunched(deps.db, now, deps.limits)) {
    const next = await inTransaction(deps.db, async (trx) => {
      const found = await lockBot(trx, botId)
      return found && attemptAgain(deps, trx, found, now)
    })
    if (next) tried++
  }
  return tried
}

async function bringToRest(
  { limits }: SuperviseDeps,
  trx: Transaction,
  found: BotAtMeeting,
  overdue: BotHappening | undefined,
  workers: readonly WorkerFacts[],
  now: Date,
): Promise<void> {
  let bot: Bot = found.bot
  const detail = { why: overdue ? 'state_overdue' : 'job_gone' }
  const move = async (what: BotHappening) => {
    const state = await moveBot(trx, { bot, ...what, detail, now })
    if (state !== null) bot = { ...bot, state }
  }
  if (isWaitingToBegin(bot.state)) await move({ event: 'fatal_error', end: whyNotLaunched(found, workers, limits) })
  else if (overdue) await move(overdue)
  else if (bot.state !== 'post_processing' && bot.state !== 'leaving')
    await move({ event: 'fatal_error', end: 'process_terminated' })
  if (bot.state === 'leaving') await move({ event: 'left_meeting' })
  if (bot.state === 'post_processing') await move({ event: 'post_processing_completed' })
}

/** Sees to what follows a bot that is over: another attempt, with a job for whoever takes it, where one is to be made. */
async function attemptAgain(
  deps: SuperviseDeps,
  trx: Transaction,
  { bot, meeting }: BotAtMeeting,
  now: Date,
): Promise<boolean> {
  const place = { jobId: randomUUID(), holder: null, state: 'scheduled' as const }
  const next = await nextAttempt(trx, { ended: bot, meeting, ...place, limits: deps.limits, now })
  if (next) await deps.sendTimed(trx, [attendJobOf(next.bot, new Date(now.getTime() + next.afterMs))])
  return next !== undefined
}
