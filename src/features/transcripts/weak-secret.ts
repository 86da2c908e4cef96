import { DAY_MS } from '../../base/time.ts'
import type { WeakSecret } from '../../platform/secrets/index.ts'
import { LINK_DAYS } from './transcript-token.ts'

/** When the last link that a weak secret signed has expired. */
export function weakLinksEndAt({ since }: Pick<WeakSecret, 'since'>): Date {
  return new Date(since.getTime() + LINK_DAYS * DAY_MS)
}

/** What an administrator has to know of a weak secret while links depend on it; undefined once none does. */
export function explainWeakSecret(weak: WeakSecret, now: Date): string | undefined {
  const endsAt = weakLinksEndAt(weak)
  if (now >= endsAt) return undefined
  const day = (at: Date) => at.toISOString().slice(0, 10)
  return `${weak.name} ${weak.weakness}: whoever has one link that it signed can find it out by trying, and then read all meetings from before ${day(weak.since)}. Only those open with it, until ${day(endsAt)}, when its links have expired; new links are signed with another secret. Then, or at once if those links may end, make a new one with \`npx rapporteur generate-key\`, set it as TRANSCRIPT_TOKEN_SECRET and run \`npx rapporteur replace-fingerprint TRANSCRIPT_TOKEN_SECRET\`.`
}
