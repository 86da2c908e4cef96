import { isTimeZone } from '../../../base/time.ts'
import type { Window } from '../../../formats/recurrence/window.ts'
import { WINDOW_AFTER_MS, WINDOW_BEFORE_MS } from '../calendar.ts'
import type { SyncSource } from '../calendar-store.ts'
import type { CalendarAccess, CalendarProvider, ReadInput, Urgency } from '../providers/provider.ts'
import type { SyncDeps } from './deps.ts'
import type { Writer } from './writer.ts'

/** One reading of one calendar. */
export interface SyncContext {
  deps: SyncDeps
  source: SyncSource
  provider: CalendarProvider
  reader: CalendarAccess
  urgency: Urgency
  signal: AbortSignal | undefined
  writer: Writer
  /** Of the occurrences that are kept, as of the beginning. */
  window: Window
  /** Until when all that is stored is expanded; null where that was never done, or a reading ended half-way. */
  expandedUntil: Date | null
}

export function readInput({ reader, urgency, signal }: SyncContext): ReadInput {
  return { reader, urgency, ...(signal ? { signal } : {}) }
}

/** How pieces are expanded in a calendar of this zone; null where it has none. */
export function expandOptions({ deps, source, window }: SyncContext, timeZone: string | null) {
  const fallbackTimeZone = timeZone !== null && isTimeZone(timeZone) ? timeZone : deps.timeZone
  return { window, ownerEmail: source.ownerEmail, fallbackTimeZone }
}

/** The window of occurrences that are kept, around now. */
export function windowAt(now: Date): Window {
  return { from: new Date(now.getTime() - WINDOW_BEFORE_MS), to: new Date(now.getTime() + WINDOW_AFTER_MS) }
}
