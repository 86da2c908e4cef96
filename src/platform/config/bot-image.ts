import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { describeError } from '../../base/errors.ts'

/** More is sent with every bot, and a server may refuse it. */
const MOST_BYTES = 1024 * 1024

/** A picture, as it is shown. */
export interface BotImage {
  type: 'image/png' | 'image/jpeg'
  /** Base64. */
  data: string
}

/** ATTENDEE_BOT_IMAGE: a file, read at the start, that by its first bytes is a PNG or a JPEG. */
export const botImage = z.string().transform((file, context): BotImage => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  try {
    if (statSync(file).size > MOST_BYTES) return refuse('names a picture of more than 1 MB')
    const bytes = readFileSync(file)
    const type = typeOf(bytes)
    return type === undefined
      ? refuse('names a file that is neither a PNG nor a JPEG')
      : { type, data: bytes.toString('base64') }
  } catch (error) {
    return refuse(`names a file that cannot be read (${describeError(error)})`)
  }
})

function typeOf(bytes: Buffer): BotImage['type'] | undefined {
  const head = bytes.subarray(0, 8).toString('latin1')
  if (head === '\x89PNG\r\n\x1a\n') return 'image/png'
  return head.startsWith('\xff\xd8\xff') ? 'image/jpeg' : undefined
}
