import { DAY_MS, MINUTE_MS } from '../../base/time.ts'
import { type Calendar, WINDOW_AFTER_MS } from './calendar.ts'

/** `released`: its owner was suspended, left or is not chosen any more, and nobody has to do anything. `late`: its turn has passed and nobody read it, so what is known of it may be old. */
export type CalendarHealth = 'fresh' | 'unread' | 'late' | 'failing' | 'disconnected' | 'released'

/** Overdue by more than this, a calendar is not just waiting for a busy worker. */
export const LATE_AFTER_MS = 15 * MINUTE_MS

/** How a calendar is doing. Removed ones count as disconnected. */
export function healthOf(
  calendar: Pick<Calendar, 'state' | 'releaseReason' | 'removedAt' | 'failureCount' | 'lastSuccessAt' | 'nextSyncAt'>,
  now: Date,
): CalendarHealth {
  if (calendar.releaseReason !== null) return 'released'
  if (calendar.state === 'disconnected' || calendar.removedAt !== null) return 'disconnected'
  if (calendar.failureCount > 0) return 'failing'
  if (now.getTime() - calendar.nextSyncAt.getTime() > LATE_AFTER_MS) return 'late'
  return calendar.lastSuccessAt === null ? 'unread' : 'fresh'
}

/** The last day, roughly, up to which calendars are read: what is further away is not known yet. */
export function knownUntil(now: Date): Date {
  return new Date(now.getTime() + WINDOW_AFTER_MS - DAY_MS)
}
