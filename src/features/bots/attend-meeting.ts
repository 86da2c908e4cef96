import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { isFinal } from './bot-state.ts'
import { moveBot, readBotsOfMeetings } from './bot-store.ts'

/**
 * Attends a meeting. No runner is built into this version, so a bot that was scheduled all the same ends at once as
 * `bot_not_launched`, with the reason, and never rests in a state that is not final.
 */
export async function attendMeeting(deps: { db: Database; clock: Clock }, input: { meetingId: string }): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const bots = await readBotsOfMeetings(trx, [input.meetingId])
    for (const bot of bots.filter((candidate) => !isFinal(candidate.state))) {
      const now = deps.clock.now()
      await moveBot(trx, {
        bot,
        event: 'fatal_error',
        subType: 'bot_not_launched',
        detail: { reason: 'no_runner' },
        now,
      })
    }
  })
}
