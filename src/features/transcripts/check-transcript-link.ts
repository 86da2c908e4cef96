import type { Clock } from '../../base/clock.ts'
import type { Database } from '../../platform/db/index.ts'
import { isLinkRevoked } from './link-revocation-store.ts'
import { readTranscriptToken, type TranscriptToken } from './transcript-token.ts'

export interface CheckLinkDeps {
  db: Database
  clock: Clock
  tokenSecret: string
}

/** What a link is worth for one meeting. `foreign`: not signed by us, or for another meeting. */
export type LinkCheck = { outcome: 'open' | 'expired' | 'withdrawn'; token: TranscriptToken } | { outcome: 'foreign' }

/** Checks the token of a link to a meeting, which may name it by its id or by its id in the hub. Whether its holder may read is another question. */
export async function checkTranscriptLink(
  deps: CheckLinkDeps,
  meeting: { id: string; hubId: string | null },
  text: string,
): Promise<LinkCheck> {
  const reading = readTranscriptToken(deps.tokenSecret, text, deps.clock.now())
  if (reading.outcome === 'invalid') return { outcome: 'foreign' }
  const { token } = reading
  if (token.meetingId !== meeting.id && token.meetingId !== meeting.hubId) return { outcome: 'foreign' }
  if (await isLinkRevoked(deps.db, meeting.id, token)) return { outcome: 'withdrawn', token }
  return { outcome: reading.outcome, token }
}
