import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { isWaitingToBegin } from './bot-state.ts'
import { moveBot, readLiveBots } from './bot-store.ts'

/**
 * Ends every live bot of a database that was restored: their jobs are not in a backup and nobody sits in a room for them. The next sweep
 * schedules new ones for what is still to come. Answers how many there were.
 */
export async function abandonBots(deps: { db: Database; clock: Clock }): Promise<number> {
  return inTransaction(deps.db, async (trx) => {
    const bots = await readLiveBots(trx)
    const now = deps.clock.now()
    for (const bot of bots) {
      if (isWaitingToBegin(bot.state))
        await moveBot(trx, { bot, event: 'cancelled', end: 'restored', set: { jobId: null }, now })
      else await moveBot(trx, { bot, event: 'fatal_error', end: 'restored', now })
    }
    return bots.length
  })
}
