import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { HOUR_MS } from '../../base/time.ts'
import { type Database, inTransaction, type Transaction } from '../../platform/db/index.ts'
import { type Bot, SURVIVES_WORKER } from './bot.ts'
import { overdueEnd } from './bot-deadline.ts'
import { isFinal, isWaitingToBegin } from './bot-state.ts'
import { moveBot, raiseFence } from './bot-store.ts'
import { nextAttempt, passOnBot } from './claim-bot.ts'
import { type BotAtMeeting, listLiveBots, lockBot, type MeetingToAttend } from './held-bot-store.ts'
import type { SittingLimits } from './runners/limits.ts'
import { attendJobOf, type TimedJob } from './schedule-bots.ts'
import { whyNotLaunched } from './why-not-launched.ts'
import { readWorkers, type WorkerFacts } from './worker-store.ts'

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
  const workers = await readWorkers(deps.db, deps.clock.now())
  const until = new Date(deps.clock.now().getTime() + AHEAD_MS)
  let healed = 0
  for (let afterId = ''; ; ) {
    const page = await listLiveBots(deps.db, until, afterId, PAGE_BOTS)
    const last = page.at(-1)
    if (!last) return healed
    const jobs = await deps.findLiveJobs(page.flatMap(({ bot }) => bot.jobId ?? []))
    for (const found of page) {
      const isSeenTo = found.bot.jobId !== null && jobs.has(found.bot.jobId)
      if (isSeenTo && !overdueEnd(found.bot, found.meeting, deps.limits, deps.clock.now())) continue
      if (await inTransaction(deps.db, (trx) => heal(deps, trx, found.bot.id, workers))) healed++
    }
    afterId = last.bot.id
  }
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
  const end = overdueEnd(bot, found.meeting, deps.limits, now)
  const job = bot.jobId === null ? undefined : (await deps.findLiveJobs([bot.jobId])).get(bot.jobId)
  if (job && !end) return false
  if (!end && (isWaitingToBegin(bot.state) || SURVIVES_WORKER[bot.runner])) {
    await deps.sendTimed(trx, [
      await passOnBot(trx, { bot, goesOn: SURVIVES_WORKER[bot.runner] && bot.state !== 'scheduled', now }),
    ])
    return true
  }
  if (job === 'waiting' && bot.jobId !== null) await deps.cancelTimed(trx, [bot.jobId])
  const taken = await raiseFence(trx, bot, { holder: null }, now)
  await bringToRest(deps, trx, { ...found, bot: { ...found.bot, ...taken } }, end, workers, now)
  await goOn(deps, trx, found, now)
  return true
}

async function bringToRest(
  { limits }: SuperviseDeps,
  trx: Transaction,
  found: BotAtMeeting,
  end: ReturnType<typeof overdueEnd>,
  workers: readonly WorkerFacts[],
  now: Date,
): Promise<void> {
  let bot: Bot = found.bot
  const move = async (event: Parameters<typeof moveBot>[1]['event'], subType?: string, reason?: string) => {
    const sub = subType === undefined ? {} : { subType }
    const detail = { why: end ? 'state_overdue' : 'job_gone', ...(reason === undefined ? {} : { reason }) }
    const state = await moveBot(trx, { bot, event, ...sub, detail, now })
    if (state !== null) bot = { ...bot, state }
  }
  if (isWaitingToBegin(bot.state)) await move('fatal_error', 'bot_not_launched', whyNotLaunched(found, workers, limits))
  else if (end) await move(end.event, end.subType)
  else if (bot.state !== 'post_processing' && bot.state !== 'leaving') await move('fatal_error', 'process_terminated')
  if (bot.state === 'leaving') await move('left_meeting')
  if (bot.state === 'post_processing') await move('post_processing_completed')
}

async function goOn(deps: SuperviseDeps, trx: Transaction, { bot, meeting }: BotAtMeeting, now: Date): Promise<void> {
  const place = { jobId: randomUUID(), holder: null, state: 'scheduled' as const }
  const next = await nextAttempt(trx, { ended: bot, meeting, ...place, limits: deps.limits, now })
  if (!next) return deps.settled(trx, meeting)
  await deps.sendTimed(trx, [attendJobOf(next.bot, new Date(now.getTime() + next.afterMs))])
}
