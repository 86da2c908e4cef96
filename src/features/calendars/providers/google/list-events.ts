import { z } from 'zod'
import { isAppError } from '../../../../base/errors.ts'
import type { ReadInput } from '../provider.ts'
import { accessOf } from './access.ts'
import { EVENT_FIELDS } from './event-resource.ts'
import type { GoogleApi } from './google-api.ts'

/** Of a page with many long descriptions even this may be too much; then fewer events are asked for. */
const PAGE_SIZES = [1_000, 100, 10]
const MAX_BYTES = 24 * 1024 * 1024

const eventPage = z.object({
  // One event of an unexpected form must not cost the page, so each is read by itself.
  items: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
  nextSyncToken: z.string().optional(),
  timeZone: z.string().optional(),
  summary: z.string().optional(),
  /** When the calendar was changed last. */
  updated: z.string().optional(),
})

export type EventPage = z.output<typeof eventPage>

interface ListRequest {
  input: ReadInput
  /** `/events`, or `/events/{id}/instances`. */
  path: string
  query: Readonly<Record<string, string | boolean>>
}

/** The pages of a listing. A page may have no events and be followed by others: only the page token counts. Throws an `AppError`. */
export async function* listEvents(api: GoogleApi, { input, path, query }: ListRequest): AsyncGenerator<EventPage> {
  let pageToken: string | undefined
  let sizeAt = 0
  for (;;) {
    try {
      const page: EventPage = await api.call({
        as: accessOf(input.reader),
        api: 'calendar',
        path: `/calendars/primary${path}`,
        query: {
          ...query,
          maxResults: PAGE_SIZES[sizeAt],
          pageToken,
          fields: `nextPageToken,nextSyncToken,timeZone,summary,updated,items(${EVENT_FIELDS})`,
        },
        schema: eventPage,
        priority: input.urgency,
        maxBytes: MAX_BYTES,
        ...(input.signal ? { signal: input.signal } : {}),
      })
      yield page
      if (page.nextPageToken === undefined) return
      pageToken = page.nextPageToken
    } catch (error) {
      if (!isAppError(error, 'http_too_large') || sizeAt === PAGE_SIZES.length - 1) throw error
      sizeAt += 1
    }
  }
}
