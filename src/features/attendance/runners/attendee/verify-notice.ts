import { createHmac } from 'node:crypto'
import { constantTimeEquals } from '../../../../platform/secrets/index.ts'

/**
 * Whether a webhook's signature is right: base64 of HMAC-SHA256 over the payload written canonically (keys in the order of their code points
 * at every depth, no spaces, other scripts as they are), under the base64-decoded secret of the project. Attendee v1.64.1 (August 2026),
 * docs/webhooks.md and bots/webhook_utils.py. False for what is no JSON.
 */
export function isGenuineNotice(body: string, signature: string | undefined, secretBase64: string): boolean {
  const canonical = writeCanonically(body)
  if (canonical === undefined || signature === undefined) return false
  const expected = createHmac('sha256', Buffer.from(secretBase64, 'base64')).update(canonical, 'utf8').digest('base64')
  return constantTimeEquals(signature.trim(), expected)
}

/** Numbers stay as they were sent: 1.0 and 1 are two texts, and both are the number 1 here. */
class Numeral {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

function writeCanonically(body: string): string | undefined {
  const keepNumerals: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? new Numeral(source) : value
  try {
    return write(JSON.parse(body, keepNumerals as (key: string, value: unknown) => unknown))
  } catch {
    return undefined
  }
}

function write(value: unknown): string {
  if (value instanceof Numeral) return value.source
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`
}

/** As Python compares texts; JavaScript's own order is that of UTF-16, which differs past the basic plane. */
function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
