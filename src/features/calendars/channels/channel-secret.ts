import { createHash } from 'node:crypto'

/** What is stored of a channel's secret. It is 32 random bytes, so a plain digest cannot be reversed by trying. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64url')
}
