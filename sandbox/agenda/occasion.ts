import { Temporal } from 'temporal-polyfill'
import { MINUTE_MS } from '../../src/base/time.ts'
import type { InvitationDraft, Timed } from '../invitation.ts'
import { companyTimeZone, type Person } from '../organisation.ts'

/** When and where a sandbox began: all of its times and rooms follow from it. */
export interface Occasion {
  startedAt: Date
  /** Of the sandbox's own rooms. */
  origin: string
}

/** An invitation of the beginning, and whose it is. Its name becomes its UID. */
export interface AgendaEntry {
  name: string
  organizer: Person
  draft: InvitationDraft
}

/** The address of a sandbox room. */
export function roomUrl({ origin }: Occasion, name: string): string {
  return `${origin}/rooms/${name}`
}

/** So many minutes after the minute in which the sandbox began, for so long. */
export function inMinutes({ startedAt }: Occasion, minutes: number, lengthMinutes: number): Timed {
  const minute = Math.floor(startedAt.getTime() / MINUTE_MS) * MINUTE_MS
  const startsAt = new Date(minute + minutes * MINUTE_MS)
  return { startsAt, endsAt: new Date(startsAt.getTime() + lengthMinutes * MINUTE_MS), timeZone: companyTimeZone }
}

/** The first of these wall times (`09:00`) that is still ahead, where the organisation lives. */
export function nextWallTime({ startedAt }: Occasion, time: string): Temporal.ZonedDateTime {
  const now = Temporal.Instant.fromEpochMilliseconds(startedAt.getTime()).toZonedDateTimeISO(companyTimeZone)
  const today = now.withPlainTime(time)
  return Temporal.ZonedDateTime.compare(today, now) > 0 ? today : now.add({ days: 1 }).withPlainTime(time)
}

/** From a wall time on, for so long. */
export function fromWallTime(start: Temporal.ZonedDateTime, lengthMinutes: number): Timed {
  const startsAt = new Date(start.epochMilliseconds)
  return { startsAt, endsAt: new Date(startsAt.getTime() + lengthMinutes * MINUTE_MS), timeZone: companyTimeZone }
}
