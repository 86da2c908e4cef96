import { createHash } from 'node:crypto'

/** What is stored of a token. Tokens are 32 random bytes, so a plain digest cannot be reversed by trying. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url')
}
