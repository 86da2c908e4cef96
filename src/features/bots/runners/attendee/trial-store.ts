import { sql } from 'kysely'
import type { Database, Transaction } from '../../../../platform/db/index.ts'
import type { PlatformTrial } from './try-server.ts'

/** Stores what a trial found, in place of what the one before found. */
export async function writeTrials(trx: Transaction, trials: readonly PlatformTrial[], now: Date): Promise<void> {
  for (const { platform, problem } of trials) {
    const found = { triedAt: now, code: problem?.code ?? null, said: problem?.said ?? null }
    await trx
      .insertInto('attendeeTrial')
      .values({ platform, ...found })
      .onConflict((conflict) => conflict.column('platform').doUpdateSet(found))
      .execute()
  }
}

export interface StoredTrial {
  platform: string
  triedAt: Date
  /** Null where the server would have sent a bot. */
  code: string | null
  said: string | null
}

/** The last trial of each platform, as long as nothing shows the contrary: a bot that the server has made there since. */
export async function listTrials(db: Database): Promise<StoredTrial[]> {
  const { rows } = await sql<StoredTrial>`
    select platform, tried_at, code, said from attendee_trial t
    where code is null or not exists (select from attendee_bot a join bot b on b.id = a.bot_id join meeting m on m.id = b.meeting_id
      where m.platform = t.platform and a.remote_id is not null and a.created_at > t.tried_at)
    order by platform`.execute(db)
  return rows
}
