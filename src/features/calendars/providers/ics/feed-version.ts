import { z } from 'zod'
import type { Cursor } from '../provider.ts'

/** Raised when more is kept of a feed than before, so that each is read whole once more. */
const READING = 2

const feedVersion = z.object({
  reading: z.literal(READING),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  contentHash: z.string().nullable(),
})

/** Which version of a feed was read last. */
export type FeedVersion = Omit<z.output<typeof feedVersion>, 'reading'>

export function formatVersion(version: FeedVersion): Cursor {
  return JSON.stringify({ reading: READING, ...version })
}

/** Never throws: an unreadable cursor only costs one whole reading. */
export function parseVersion(cursor: Cursor | null): FeedVersion {
  try {
    return feedVersion.parse(JSON.parse(cursor ?? ''))
  } catch {
    return { etag: null, lastModified: null, contentHash: null }
  }
}
