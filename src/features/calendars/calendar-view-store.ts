import { sql } from 'kysely'
import type { Database } from '../../platform/db/index.ts'
import type { Calendar } from './calendar.ts'
import { LATE_AFTER_MS } from './calendar-health.ts'
import { listCalendars } from './calendar-store.ts'

/** A calendar with how much was found in it. */
export interface CalendarOverview extends Calendar {
  /** Events that are not over. */
  events: number
  /** Of those, the ones with a meeting link. */
  eventsWithLink: number
  problems: number
}

/** The calendars that were not removed, by owner, with their numbers. */
export async function listCalendarOverviews(db: Database, now: Date): Promise<CalendarOverview[]> {
  const calendars = await listCalendars(db)
  const { rows } = await sql<{ id: string; events: number; eventsWithLink: number; problems: number }>`
    select c.id, coalesce(e.events, 0) as events, coalesce(e.events_with_link, 0) as events_with_link,
      coalesce(p.problems, 0) as problems
    from calendar c
    left join (select calendar_id, count(*)::int as events, count(room_key)::int as events_with_link
      from event where ends_at > ${now} group by calendar_id) e on e.calendar_id = c.id
    left join (select calendar_id, count(*)::int as problems from calendar_problem group by calendar_id) p
      on p.calendar_id = c.id
    where c.removed_at is null`.execute(db)
  const numbers = new Map(rows.map((row) => [row.id, row]))
  const none = { events: 0, eventsWithLink: 0, problems: 0 }
  return calendars.map((calendar) => ({ ...calendar, ...none, ...numbers.get(calendar.id) }))
}

/** A calendar that needs somebody. */
export type TroubledCalendar = Pick<
  Calendar,
  | 'id'
  | 'provider'
  | 'ownerEmail'
  | 'name'
  | 'addressLabel'
  | 'state'
  | 'stateReason'
  | 'releaseReason'
  | 'removedAt'
  | 'failureCount'
  | 'failureMessage'
  | 'lastSuccessAt'
  | 'lastAttemptAt'
  | 'nextSyncAt'
>

/** Calendars whose sync fails, that were disconnected without being removed, or that nobody reads although it is their turn. */
export async function listTroubledCalendars(db: Database, now: Date, limit: number): Promise<TroubledCalendar[]> {
  const lateSince = new Date(now.getTime() - LATE_AFTER_MS)
  return db
    .selectFrom('calendar')
    .select([
      'id',
      'provider',
      'ownerEmail',
      'name',
      'addressLabel',
      'state',
      'stateReason',
      'removedAt',
      'failureCount',
    ])
    .select(['failureMessage', 'lastSuccessAt', 'lastAttemptAt', 'nextSyncAt', 'releaseReason'])
    .where('removedAt', 'is', null)
    .where('releaseReason', 'is', null)
    .where((eb) =>
      eb.or([eb('failureCount', '>', 0), eb('state', '=', 'disconnected'), eb('nextSyncAt', '<', lateSince)]),
    )
    .orderBy('ownerEmail')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** How the calendars stand as a whole. */
export interface CalendarTotals {
  /** Removed ones included. */
  ever: number
  connected: number
  /** Connected ones that were read at least once. */
  read: number
  lastSuccessAt: Date | null
}

export async function readCalendarTotals(db: Database): Promise<CalendarTotals> {
  const { rows } = await sql<CalendarTotals>`
    select count(*)::int as ever, (count(*) filter (where removed_at is null))::int as connected,
      (count(*) filter (where removed_at is null and last_success_at is not null))::int as read,
      max(last_success_at) filter (where removed_at is null) as last_success_at
    from calendar`.execute(db)
  return rows[0] ?? { ever: 0, connected: 0, read: 0, lastSuccessAt: null }
}
