import {
  healthOf,
  listChannelOverviews,
  listComingEvents,
  listShownProblems,
  readCalendar,
} from '../../../../features/calendars/index.ts'
import { listMeetingsOfCalendar } from '../../../../features/meetings/index.ts'
import { actorOf } from '../../actor.ts'
import { readAttention } from '../../attention.ts'
import { calendarStatuses, canSendNotices, explainHealth } from '../../calendar-status.ts'
import { ActionForm, Foreign } from '../../components/blocks.tsx'
import { Confirmation } from '../../components/confirmation.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { linkTo, readId, readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { notFound } from '../../web-errors.ts'
import { ComingEvents, EntryProblems } from './calendar-contents.tsx'
import { CalendarFacts } from './calendar-facts.tsx'

const MAX_PROBLEMS = 200
const MAX_EVENTS = 200

/** One calendar: how its reading goes, what could not be read, and what it brings. */
export async function showCalendar(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const now = deps.clock.now()
  const calendar = await findCalendar(c, deps)
  const [problems, events, meetings, attention, [push]] = await Promise.all([
    listShownProblems(deps.db, calendar.id, MAX_PROBLEMS),
    listComingEvents(deps.db, calendar.id, now, MAX_EVENTS),
    listMeetingsOfCalendar(deps.db, calendar.id, now),
    readAttention(deps),
    listChannelOverviews(deps.db, calendar.id),
  ])
  const health = healthOf(calendar, now)
  const reason = explainHealth(health, calendar)
  return renderPage(
    c,
    deps,
    { title: calendar.name ?? calendar.ownerEmail, current: 'calendars', attention: attention.count, zone },
    <>
      <p class="back">
        <a href="/dashboard/calendars/">← Calendars</a>
      </p>
      <div class="head">
        <h1>
          <Foreign text={calendar.name ?? calendar.ownerEmail} />
        </h1>
        <ActionForm
          action={`/dashboard/calendars/${calendar.id}/sync/`}
          csrf={c.get('visitor')?.csrfToken ?? ''}
          label="Sync now"
          isPrimary
        />
      </div>
      <Confirmation name={c.req.query('notice')} />
      <p class="verdict">
        <StatusMark status={calendarStatuses[health]} />
        {reason === null ? null : <span>{reason}</span>}
      </p>
      <CalendarFacts
        calendar={calendar}
        health={health}
        push={push}
        hasNoticeAddress={canSendNotices(deps, calendar.provider)}
        zone={zone}
        now={now}
      />
      <EntryProblems problems={problems} zone={zone} isCut={problems.length === MAX_PROBLEMS} />
      <ComingEvents events={events} meetings={meetings} zone={zone} now={now} isCut={events.length === MAX_EVENTS} />
    </>,
  )
}

/** Asks for a sync of one calendar. */
export async function syncCalendarNow(c: WebContext, deps: WebDeps): Promise<Response> {
  const calendar = await findCalendar(c, deps)
  await deps.syncNow(calendar.id, actorOf(c))
  return c.redirect(linkTo(`/dashboard/calendars/${calendar.id}/`, { notice: 'sync_sent' }), 303)
}

async function findCalendar(c: WebContext, deps: WebDeps) {
  const calendar = await readCalendar(deps.db, readId(c))
  if (!calendar || calendar.removedAt !== null) throw notFound()
  return calendar
}
