import type { Clock } from '../../base/clock.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import { finishTranscript, readTranscriptFacts, readTranscriptState } from './transcript-store.ts'

/** Looks whether a transcript whose bots have left has all its text now, and ends it if so. May run any number of times. */
export async function settleTranscript(deps: { db: Database; clock: Clock }, meetingId: string): Promise<void> {
  if ((await readTranscriptState(deps.db, meetingId)) !== 'finishing') return
  await inTransaction(deps.db, async (trx) => {
    const facts = await readTranscriptFacts(trx, meetingId)
    await finishTranscript(trx, meetingId, facts, deps.clock.now())
  })
}
