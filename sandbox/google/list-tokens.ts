import { z } from 'zod'
import type { Calendar } from './calendar.ts'
import type { Doubts } from './doubts.ts'
import { badRequest, invalidValue, syncTokenGone } from './errors.ts'
import type { ListQuery } from './list-query.ts'

// Both kinds are opaque to readers. They carry all that is needed, so that nothing has to be kept for them.

const syncTokenSchema = z.object({
  calendar: z.string(),
  revision: z.number(),
  generation: z.number(),
  /** The parameters that have to stay the same. */
  asked: z.string(),
  timeMin: z.number().optional(),
  timeMax: z.number().optional(),
})

const pageTokenSchema = z.object({
  calendar: z.string(),
  generation: z.number(),
  /** Everything that was asked but the tokens. */
  asked: z.string(),
  syncToken: z.string().optional(),
  /** The state of the calendar when the first page was read; where a delta goes on from afterwards. */
  revision: z.number(),
  position: z.array(z.union([z.string(), z.number()])),
})

type SyncToken = z.infer<typeof syncTokenSchema>
type PageToken = z.infer<typeof pageTokenSchema>

export function writeSyncToken(calendar: Calendar, query: ListQuery, revision: number, doubts: Doubts): string {
  const bounds = doubts.tokenKeepsWindow ? { timeMin: query.timeMin, timeMax: query.timeMax } : {}
  const { tokenGeneration: generation } = calendar
  return write({ calendar: calendar.id, revision, generation, asked: askedForSync(query), ...bounds })
}

/** Reads a sync token of this calendar. Throws 410 where it was called off, and 400 where it is none or other things are asked than before. */
export function readSyncToken(text: string, calendar: Calendar, query: ListQuery, doubts: Doubts): SyncToken {
  const token = read(syncTokenSchema, text)
  if (!token) throw invalidValue('syncToken')
  // Renamed people keep their calendar and not its tokens.
  if (token.calendar !== calendar.id || token.generation !== calendar.tokenGeneration) throw syncTokenGone()
  if (doubts.eventTypesWithSyncToken === 'refused' && query.eventTypes.length > 0) {
    throw badRequest('Sync token cannot be used with eventTypes.', 'eventTypes')
  }
  if (doubts.otherParametersWithSyncToken === 'refused' && token.asked !== askedForSync(query)) {
    throw badRequest('The sync token was made with other parameters.', 'syncToken')
  }
  return token
}

export function writePageToken(
  calendar: Calendar,
  query: ListQuery,
  at: Pick<PageToken, 'revision' | 'position'>,
): string {
  const { syncToken } = query
  return write({
    calendar: calendar.id,
    generation: calendar.pageGeneration,
    asked: askedForPage(query),
    ...(syncToken === undefined ? {} : { syncToken }),
    ...at,
  })
}

/** Reads a page token of this calendar. Throws 400 where it is not good for this request. */
export function readPageToken(text: string, calendar: Calendar, query: ListQuery, doubts: Doubts): PageToken {
  const token = read(pageTokenSchema, text)
  if (!token || token.calendar !== calendar.id || token.generation !== calendar.pageGeneration) throw invalidPage()
  if (token.asked !== askedForPage(query)) throw invalidPage()
  const isNamed = token.syncToken === query.syncToken
  if (!isNamed && (doubts.pagesNeedSyncToken || query.syncToken !== undefined)) throw invalidPage()
  return token
}

const invalidPage = () => badRequest('Invalid page token value.', 'pageToken')

function askedForSync({ singleEvents, eventTypes, maxAttendees }: ListQuery): string {
  return JSON.stringify([singleEvents, eventTypes.toSorted(), maxAttendees])
}

function askedForPage(query: ListQuery): string {
  const { showDeleted, timeMin, timeMax, orderBy, updatedMin, iCalUID, q } = query
  return JSON.stringify([askedForSync(query), showDeleted, timeMin, timeMax, orderBy, updatedMin, iCalUID, q])
}

function write(content: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

function read<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data
  } catch {
    return undefined
  }
}
