import { countOf } from '../../../../base/text.ts'
import { addDays, dayOf } from '../../../../base/time.ts'
import { Banner, type Figure, Figures } from '../../components/blocks.tsx'
import { longDay } from '../../formats.ts'
import { linkTo, readDay, readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { countDay, type DayNumbers } from './day-numbers.ts'
import { AttendanceNote, NoMeetings } from './day-states.tsx'
import { verdictOf } from './day-verdict.ts'
import { EventTable } from './event-table.tsx'
import { MeetingTable } from './meeting-table.tsx'
import { type DayView, readDayView } from './read-day.ts'

/** The plan of a day: which meetings there are, which of them are attended, and why. */
export async function showDay(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const today = dayOf(deps.clock.now(), zone)
  const day = readDay(c, today)
  const view = await readDayView(deps, { day, zone })
  const tz = zone === deps.server.timeZone ? undefined : zone
  return renderPage(
    c,
    deps,
    { title: longDay(day), current: 'day', attention: view.attention.count, zone },
    <>
      <DayHead day={day} today={today} tz={tz} />
      {view.attention.weakSecret === undefined ? null : (
        <Banner tone="bad">
          A secret can be guessed, and with it old transcripts can be read.{' '}
          <a href="/dashboard/problems/">What to do</a>
        </Banner>
      )}
      <Verdict view={view} />
      <AttendanceNote view={view} />
      {view.meetings.length === 0 ? <NoMeetings view={view} tz={tz} /> : <Meetings view={view} tz={tz} />}
      {view.withoutRoomCount === 0 ? null : <WithoutRoom view={view} />}
    </>,
  )
}

function DayHead({ day, today, tz }: { day: string; today: string; tz: string | undefined }) {
  const to = (date: string) => linkTo('/dashboard/', { date, tz })
  return (
    <div class="head">
      <div>
        <p class="eyebrow">{day === today ? 'Today' : day === addDays(today, 1) ? 'Tomorrow' : 'Plan of the day'}</p>
        <h1>{longDay(day)}</h1>
      </div>
      <form class="days" method="get" action="/dashboard/">
        <a class="button" href={to(addDays(day, -1))} rel="prev">
          <span aria-hidden="true">←</span> <span class="hidden">Previous day</span>
        </a>
        {day === today ? null : (
          <a class="button" href={linkTo('/dashboard/', { tz })}>
            Today
          </a>
        )}
        <a class="button" href={to(addDays(day, 1))} rel="next">
          <span class="hidden">Next day</span> <span aria-hidden="true">→</span>
        </a>
        <label class="hidden" for="date">
          Day
        </label>
        <input type="date" id="date" name="date" value={day} min="2000-01-01" max="2100-12-31" required />
        {tz === undefined ? null : <input type="hidden" name="tz" value={tz} />}
        <button type="submit">Show</button>
      </form>
    </div>
  )
}

function Verdict({ view }: { view: DayView }) {
  const [first, ...others] = verdictOf(view)
  if (first === undefined) return null
  return (
    <p class="verdict">
      {view.attention.count > 0 ? <a href="/dashboard/problems/">{first}</a> : first} {others.join(' ')}
    </p>
  )
}

function Meetings({ view, tz }: { view: DayView; tz: string | undefined }) {
  const numbers = countDay(view.meetings, view.now)
  return (
    <section aria-labelledby="meetings">
      <Figures figures={figuresOf(numbers, view)} />
      <h2 id="meetings" class="hidden">
        Meetings
      </h2>
      {view.hours === 24 ? null : <Banner tone="info">Clocks change: this day has {view.hours} hours.</Banner>}
      <MeetingTable meetings={view.meetings} zone={view.zone} now={view.now} tz={tz} />
      {view.isCut ? <p class="muted">Only the first {view.meetings.length} meetings are shown.</p> : null}
      {numbers.due === 0 ? null : (
        <p class="muted">
          Covered so far: {numbers.covered} of {numbers.due} that should have had a bot by now. What a rule leaves out
          is not counted.
        </p>
      )}
    </section>
  )
}

function figuresOf(numbers: DayNumbers, view: DayView): Figure[] {
  const { events, calendars } = view.copies
  const isOn = view.attendance === 'on'
  const some = (label: string, value: number, note: string): Figure[] => (value === 0 ? [] : [{ label, value, note }])
  return [
    {
      label: 'Meetings',
      value: numbers.meetings,
      note: `from ${countOf(events, 'event')} in ${countOf(calendars, 'calendar')}`,
    },
    ...(isOn || numbers.attended > 0
      ? [{ label: 'Attended', value: numbers.attended, note: 'a bot joins, or joined' }]
      : []),
    ...some('Would be attended', numbers.observed, 'if attendance were on'),
    ...some('No way to join', numbers.noRunner, 'wanted, but not possible yet'),
    ...some('Left out', numbers.leftOut, 'each with its reason'),
    ...some('Cancelled', numbers.cancelled, 'called off'),
  ]
}

function WithoutRoom({ view }: { view: DayView }) {
  const { withoutRoom, withoutRoomCount, zone, now } = view
  return (
    <section aria-labelledby="without-link">
      <h2 id="without-link">
        Without a meeting link <span class="muted">{withoutRoomCount}</span>
      </h2>
      <EventTable events={withoutRoom} zone={zone} now={now} />
      {withoutRoomCount > withoutRoom.length ? (
        <p class="muted">Only the first {withoutRoom.length} are shown.</p>
      ) : null}
    </section>
  )
}
