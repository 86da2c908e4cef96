import { countOf } from '../../../../base/text.ts'
import {
  type CalendarOverview,
  healthOf,
  listCalendarOverviews,
  readCalendarTotals,
} from '../../../../features/calendars/index.ts'
import { readAttention } from '../../attention.ts'
import { EmptyState } from '../../components/blocks.tsx'
import { readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { ConnectCommand } from '../day/day-states.tsx'
import { CalendarTable } from './calendar-table.tsx'

/** Every calendar with how its reading goes; those that need somebody come first. */
export async function showCalendars(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const now = deps.clock.now()
  const [calendars, totals, attention] = await Promise.all([
    listCalendarOverviews(deps.db, now),
    readCalendarTotals(deps.db),
    readAttention(deps),
  ])
  const sorted = calendars.toSorted((a, b) => Number(isWell(a, now)) - Number(isWell(b, now)))
  return renderPage(
    c,
    deps,
    { title: 'Calendars', current: 'calendars', attention: attention.count, zone },
    <>
      <h1>Calendars</h1>
      {calendars.length === 0 ? (
        <EmptyState title={totals.ever === 0 ? 'Connect a calendar' : 'No calendar is connected any more'}>
          <p>Calendars are only read, never written to. Give the address of one, or a file:</p>
          <ConnectCommand />
        </EmptyState>
      ) : (
        <>
          <p class="verdict">{summaryOf(calendars, now)}</p>
          <CalendarTable calendars={sorted} zone={zone} now={now} />
          <p class="muted">
            Calendars are only read, never written to. Add one with <code>npx rapporteur calendar add ics …</code>, take
            one away with <code>npx rapporteur calendar remove ID</code>.
          </p>
        </>
      )}
    </>,
  )
}

function isWell(calendar: CalendarOverview, now: Date): boolean {
  const health = healthOf(calendar, now)
  return health === 'fresh' || health === 'unread'
}

function summaryOf(calendars: readonly CalendarOverview[], now: Date): string {
  const fresh = calendars.filter((calendar) => healthOf(calendar, now) === 'fresh').length
  if (fresh === calendars.length) {
    return calendars.length === 1
      ? 'The one calendar is up to date.'
      : `All ${calendars.length} calendars are up to date.`
  }
  return `${fresh} of ${countOf(calendars.length, 'calendar')} ${fresh === 1 ? 'is' : 'are'} up to date.`
}
