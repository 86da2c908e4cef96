import { z } from 'zod'
import type { Cursor } from '../provider.ts'

const feedVersion = z.object({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  contentHash: z.string().nullable(),
})

/** Which version of a feed was read last. */
export type FeedVersion = z.output<typeof feedVersion>

export function formatVersion(version: FeedVersion): Cursor {
  return JSON.stringify(version)
}

/** Never throws: an unreadable cursor only costs one whole reading. */
export function parseVersion(cursor: Cursor | null): FeedVersion {
  try {
    return feedVersion.parse(JSON.parse(cursor ?? ''))
  } catch {
    return { etag: null, lastModified: null, contentHash: null }
  }
}
