import { z } from 'zod'
import { isAppError } from '../../../base/errors.ts'
import type { GoogleAccess, GoogleApi } from '../providers/registry.ts'

/** Opens and stops channels at Google. */
export interface GoogleChannels {
  /** Asks for notices of changes in a person's calendar. Throws an `AppError`; `google_push_not_supported` is for good. */
  watch(
    as: GoogleAccess,
    channel: { id: string; secret: string; address: string; expiresAt: Date; signal?: AbortSignal },
  ): Promise<{ resourceId: string; expiresAt: Date }>
  /** Asks for no more notices; a channel that is gone already is fine. */
  stop(as: GoogleAccess, channel: { id: string; resourceId: string; signal?: AbortSignal }): Promise<void>
}

const watchAnswer = z.object({
  resourceId: z.string().min(1),
  // Milliseconds since 1970, as a string.
  expiration: z.coerce.number().positive(),
})

// Source: developers.google.com/workspace/calendar/api/guides/push and the Calendar v3 discovery document, read November 2026.
export function createGoogleChannels(api: GoogleApi): GoogleChannels {
  return {
    async watch(as, { id, secret, address, expiresAt, signal }) {
      const { resourceId, expiration } = await api.call({
        as,
        api: 'calendar',
        method: 'POST',
        path: '/calendars/primary/events/watch',
        body: { id, type: 'web_hook', address, token: secret, expiration: String(expiresAt.getTime()) },
        schema: watchAnswer,
        priority: 'routine',
        ...(signal ? { signal } : {}),
      })
      return { resourceId, expiresAt: new Date(expiration) }
    },
    async stop(as, { id, resourceId, signal }) {
      try {
        await api.call({
          as,
          api: 'calendar',
          method: 'POST',
          path: '/channels/stop',
          body: { id, resourceId },
          schema: z.unknown(),
          priority: 'routine',
          ...(signal ? { signal } : {}),
        })
      } catch (error) {
        if (!isAppError(error, 'google_not_found') && !isAppError(error, 'google_gone')) throw error
      }
    },
  }
}
