import type { Clock } from '../../../base/clock.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { attendJobOf, moveBot, type TimedJob } from '../../bots/index.ts'
import { listWaitingForServer, lockBot } from '../seat/held-bot-store.ts'

export interface HurryDeps {
  db: Database
  clock: Clock
  moveTimed(trx: Transaction, job: TimedJob): Promise<void>
}

/**
 * Has meetings that run tried again at once, of those that wait for their next attempt since an Attendee server refused the one before: what it
 * lacked may be there by now. Answers how many. May run twice.
 */
export async function hurryRefused(deps: HurryDeps, platforms: readonly string[]): Promise<number> {
  const now = deps.clock.now()
  let hurried = 0
  for (const id of await listWaitingForServer(deps.db, { platforms, now })) {
    const isMoved = await inTransaction(deps.db, async (trx) => {
      const found = await lockBot(trx, id)
      if (found?.bot.state !== 'scheduled') return false
      const detail = { why: 'server_mended', from: found.bot.joinAt.toISOString(), to: now.toISOString() }
      const set = { joinAt: now }
      if ((await moveBot(trx, { bot: found.bot, event: 'rescheduled', detail, set, now })) === null) return false
      await deps.moveTimed(trx, attendJobOf({ ...found.bot, ...set }, now))
      return true
    })
    if (isMoved) hurried++
  }
  return hurried
}
