import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { normaliseEmail } from '../../base/text.ts'
import { DAY_MS } from '../../base/time.ts'
import { constantTimeEquals } from '../../platform/secrets/index.ts'

/** How long a link lasts unless said otherwise; also how long before its end a token without `iat` was issued. */
export const LINK_DAYS = 30

const MAX_LENGTH = 4_096
const part = /^([A-Za-z0-9_\-+/]+)={0,2}$/

/** What a link to a transcript says: whose it is, for which meeting, and from when until when. */
export interface TranscriptToken {
  meetingId: string
  /** Lower case. */
  email: string
  issuedAt: Date
  expiresAt: Date
}

/** What can be said about a token by itself; whether it was taken back, and whether its holder is still invited, is asked elsewhere. */
export type TokenReading = { outcome: 'open' | 'expired'; token: TranscriptToken } | { outcome: 'invalid' }

// Fields that we do not know are ignored; a moment of issue that is no number counts as none.
const payloadSchema = z.object({
  meetingId: z.string().min(1),
  email: z.string().min(1),
  exp: z.number().min(-8.64e15).max(8.64e15),
  iat: z.number().min(-8.64e15).max(8.64e15).optional().catch(undefined),
})

/** Signs a link's token. Whoever holds it reads that meeting's transcript as that person, until it expires or is taken back. */
export function createTranscriptToken(
  secret: string,
  link: { meetingId: string; email: string; now: Date; days?: number },
): string {
  const iat = link.now.getTime()
  const exp = iat + (link.days ?? LINK_DAYS) * DAY_MS
  const { meetingId } = link
  const payload = Buffer.from(JSON.stringify({ meetingId, email: link.email.toLowerCase(), exp, iat }), 'utf8')
  return `${payload.toString('base64url')}.${sign(secret, payload)}`
}

/** Checks the signature over the payload's own bytes, as whoever wrote it serialised them, and reads it. Never throws. */
export function readTranscriptToken(secret: string, text: string, now: Date): TokenReading {
  const [payload, signature, more] = text.length > MAX_LENGTH ? [] : text.split('.').map(decodePart)
  if (!payload || !signature || more !== undefined) return { outcome: 'invalid' }
  if (!constantTimeEquals(signature.toString('base64url'), sign(secret, payload))) return { outcome: 'invalid' }
  const token = parsePayload(payload)
  if (!token) return { outcome: 'invalid' }
  return { outcome: token.expiresAt > now ? 'open' : 'expired', token }
}

function sign(secret: string, payload: Buffer): string {
  return createHmac('sha256', secret).update(payload).digest('base64url')
}

/** Base64 of either alphabet, with padding or without. An unescaped plus sign arrives from an address as a space. */
function decodePart(text: string): Buffer | undefined {
  const plain = part.exec(text.replaceAll(' ', '+'))?.[1]
  return plain === undefined ? undefined : Buffer.from(plain, 'base64')
}

function parsePayload(payload: Buffer): TranscriptToken | undefined {
  const fields = payloadSchema.safeParse(parseJson(payload.toString('utf8'))).data
  const email = fields && normaliseEmail(fields.email)
  if (!fields || email === undefined) return undefined
  return {
    meetingId: fields.meetingId.toLowerCase(),
    email,
    issuedAt: new Date(fields.iat ?? fields.exp - LINK_DAYS * DAY_MS),
    expiresAt: new Date(fields.exp),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
