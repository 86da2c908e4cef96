import type { Database } from '../../platform/db/index.ts'

/** What the pages of a transcript need to know of its meeting. */
export interface TranscribedMeeting {
  id: string
  /** The id under which the hub knows it, where that is another. */
  hubId: string | null
  platform: string
  title: string
  isPrivate: boolean
  startsAt: Date
  endsAt: Date
  decision: 'attend' | 'observe' | 'no_runner' | 'skip'
}

/** The meeting of an address, which names it by its own id or by that in the hub. */
export async function readTranscribedMeeting(db: Database, id: string): Promise<TranscribedMeeting | undefined> {
  return db
    .selectFrom('meeting')
    .select(['id', 'hubId', 'platform', 'title', 'isPrivate', 'startsAt', 'endsAt', 'decision'])
    .where((eb) => eb.or([eb('id', '=', id), eb('hubId', '=', id)]))
    .orderBy((eb) => eb('id', '=', id), 'desc')
    .limit(1)
    .executeTakeFirst()
}
