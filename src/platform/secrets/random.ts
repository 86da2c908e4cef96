import { randomBytes } from 'node:crypto'

/** A fresh secret of `byteCount` random bytes, as base64url without padding. 32 bytes are beyond guessing. */
export function randomToken(byteCount = 32): string {
  return randomBytes(byteCount).toString('base64url')
}
