import type { Clock } from '../../base/clock.ts'
import type { Database } from '../../platform/db/index.ts'
import type { LinkSecrets } from '../../platform/secrets/index.ts'
import { isLinkRevoked } from './link-revocation-store.ts'
import { readTranscriptToken, type TokenReading, type TranscriptToken } from './transcript-token.ts'
import { weakLinksEndAt } from './weak-secret.ts'

interface CheckLinkDeps {
  db: Database
  clock: Clock
  links: LinkSecrets
}

/** What a link is worth for one meeting. `foreign`: not signed by us, or for another meeting. */
type LinkCheck = { outcome: 'open' | 'expired' | 'withdrawn'; token: TranscriptToken } | { outcome: 'foreign' }

/** Checks the token of a link to a meeting, which may name it by its id or by its id in the hub. Whether its holder may read is another question. */
export async function checkTranscriptLink(
  deps: CheckLinkDeps,
  meeting: { id: string; hubId: string | null; startsAt: Date },
  text: string,
): Promise<LinkCheck> {
  const reading = readWithAny(deps.links, meeting.startsAt, text, deps.clock.now())
  if (reading.outcome === 'invalid') return { outcome: 'foreign' }
  const { token } = reading
  if (token.meetingId !== meeting.id && token.meetingId !== meeting.hubId) return { outcome: 'foreign' }
  if (await isLinkRevoked(deps.db, meeting.id, token)) return { outcome: 'withdrawn', token }
  return { outcome: reading.outcome, token }
}

/** The address for which a link was signed, whatever it is worth by now; undefined where it was not signed by us. Asks nothing of the database. */
export function readLinkHolder({ signing, opening, weak }: LinkSecrets, text: string, now: Date): string | undefined {
  for (const secret of [signing, ...opening, ...(weak ? [weak.secret] : [])]) {
    const reading = readTranscriptToken(secret, text, now)
    if (reading.outcome !== 'invalid') return reading.token.email
  }
  return undefined
}

/** A weak secret opens meetings of before it was seen here, for as long as links of before last: whoever guesses it gets at nothing else. */
function readWithAny(
  { signing, opening, weak }: LinkSecrets,
  meetingStartsAt: Date,
  text: string,
  now: Date,
): TokenReading {
  for (const secret of [signing, ...opening]) {
    const reading = readTranscriptToken(secret, text, now)
    if (reading.outcome !== 'invalid') return reading
  }
  const reading = weak ? readTranscriptToken(weak.secret, text, now) : undefined
  if (!weak || !reading || reading.outcome === 'invalid' || meetingStartsAt >= weak.since) return { outcome: 'invalid' }
  return now < weakLinksEndAt(weak) ? reading : { ...reading, outcome: 'expired' }
}
