import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

// timingSafeEqual wants equal lengths. Comparing keyed digests allows any length and tells nothing about either text, and a key
// per process keeps anyone from choosing texts whose digests resemble each other.
const COMPARE_KEY = randomBytes(32)

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function constantTimeEquals(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHmac('sha256', COMPARE_KEY).update(text, 'utf8').digest()
}
