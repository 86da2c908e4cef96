import type { Standing } from './room-meeting.ts'

/**
 * Since when a meeting is known for each instant of its time: what was known of it before stays, the rest is known `since` (Unix milliseconds). One
 * that is moved is new for the instants that it did not cover.
 */
export function extendStanding(
  before: readonly Standing[],
  { from, until }: { from: number; until: number },
  since: number,
): Standing[] {
  const kept = before
    .map((span) => ({ ...span, from: Math.max(span.from, from), until: Math.min(span.until, until) }))
    .filter((span) => span.from < span.until)
    .toSorted((a, b) => a.from - b.from)
  const spans: Standing[] = []
  const add = (span: Standing) => {
    const last = spans.at(-1)
    if (last && last.until === span.from && last.since === span.since) last.until = span.until
    else if (span.from < span.until) spans.push({ ...span })
  }
  let at = from
  for (const span of kept) {
    if (span.until <= at) continue
    add({ from: at, until: Math.max(at, span.from), since })
    add({ ...span, from: Math.max(at, span.from) })
    at = span.until
  }
  add({ from: at, until, since })
  return spans
}
