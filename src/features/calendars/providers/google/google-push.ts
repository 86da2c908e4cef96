import { z } from 'zod'
import { isAppError } from '../../../../base/errors.ts'
import type { CalendarPush } from '../provider.ts'
import { accessOf } from './access.ts'
import type { GoogleApi } from './google-api.ts'

const watchAnswer = z.object({
  resourceId: z.string().min(1),
  // Milliseconds since 1970, as a string.
  expiration: z.coerce.number().positive(),
})

/** Rights and licences change, so that even these are worth asking again after a day. */
const REFUSED = ['google_push_not_supported', 'google_not_calendar_user', 'google_push_address_refused']
const UNANSWERED = ['google_unavailable', 'google_unreadable_answer']

// Source: developers.google.com/workspace/calendar/api/guides/push and the Calendar v3 discovery document, read November 2026.
export function createGooglePush(api: GoogleApi, address: string | undefined): CalendarPush {
  const post = <T>(
    input: Parameters<CalendarPush['watch' | 'stop']>[0],
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
  ) =>
    api.call({
      as: accessOf(input.reader),
      api: 'calendar',
      method: 'POST',
      path,
      body,
      schema,
      priority: 'routine',
      ...(input.signal ? { signal: input.signal } : {}),
    })
  return {
    address,
    async watch(input) {
      const { id, secret, expiresAt } = input.channel
      const body = {
        id,
        type: 'web_hook',
        address: input.channel.address,
        token: secret,
        expiration: String(expiresAt.getTime()),
      }
      const { resourceId, expiration } = await post(input, '/calendars/primary/events/watch', body, watchAnswer)
      return { resourceId, expiresAt: new Date(expiration) }
    },
    async stop(input) {
      try {
        await post(input, '/channels/stop', input.channel, z.unknown())
      } catch (error) {
        if (!isAppError(error, 'google_not_found') && !isAppError(error, 'google_gone')) throw error
      }
    },
    whyUnwatched({ code }) {
      if (REFUSED.includes(code)) return 'refused'
      return UNANSWERED.includes(code) ? 'unanswered' : 'failed'
    },
  }
}
