import { createHmac } from 'node:crypto'

/**
 * JSON as Attendee signs it (`bots/webhook_utils.py`, v1.64.1): keys in the order of their code points at every depth, no spaces, other
 * scripts left as they are.
 */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .map(([key, member]) => ({ points: Array.from(key, (sign) => sign.codePointAt(0) ?? 0), key, member }))
    .sort((a, b) => compare(a.points, b.points))
  return `{${members.map(({ key, member }) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, point] of a.entries()) {
    const difference = point - (b[i] ?? -1)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** What stands in X-Webhook-Signature. */
export function signPayload(payload: unknown, secretBase64: string): string {
  return createHmac('sha256', Buffer.from(secretBase64, 'base64'))
    .update(canonicalJson(payload), 'utf8')
    .digest('base64')
}
