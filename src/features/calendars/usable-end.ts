import { HOUR_MS, MINUTE_MS } from '../../base/time.ts'
import type { SourceEvent } from './event.ts'

/** What is shorter cannot be attended: nobody is in a room before it is over. Its maker gave a time, not an end. */
const SHORTEST_MS = 2 * MINUTE_MS

/** An event as it is stored: one that takes no time, or hardly any, lasts an hour, as one without an end does. */
export function withUsableEnd(event: SourceEvent): SourceEvent {
  const { startsAt, endsAt, isAllDay } = event
  if (isAllDay || endsAt.getTime() - startsAt.getTime() >= SHORTEST_MS) return event
  return { ...event, endsAt: new Date(startsAt.getTime() + HOUR_MS) }
}
