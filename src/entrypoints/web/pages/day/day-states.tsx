import { dateOfWholeDay, dayOf } from '../../../../base/time.ts'
import { knownUntil } from '../../../../features/calendars/index.ts'
import type { Meeting } from '../../../../features/meetings/index.ts'
import { Banner, EmptyState, Foreign } from '../../components/blocks.tsx'
import { dayAndTime, longDay } from '../../formats.ts'
import { linkTo } from '../../read-query.ts'
import { shownTitle } from '../../titles.ts'
import type { DayView } from './read-day.ts'

/** Says whether bots go to meetings at all. */
export function AttendanceNote({ view }: { view: DayView }) {
  if (view.sandbox || view.calendars.ever === 0) return null
  if (view.attendance === 'on') {
    return (
      <p class="muted">
        Attendance is on. <a href="/dashboard/attendance/">Switch it off</a>
      </p>
    )
  }
  return (
    <Banner tone="info">
      <p>
        <strong>Observing.</strong> Nothing is attended until you switch it on.{' '}
        <a href="/dashboard/attendance/">See what that would do today</a>
      </p>
    </Banner>
  )
}

/** What stands in the place of meetings where there are none; the cases are different and say so. */
export function NoMeetings({ view, tz }: { view: DayView; tz: string | undefined }) {
  const { calendars } = view
  if (calendars.ever === 0) return <NeverConnected />
  if (calendars.connected === 0) {
    return (
      <EmptyState title="No calendar is connected any more">
        <ConnectCommand />
      </EmptyState>
    )
  }
  if (calendars.read === 0) {
    return (
      <EmptyState title="The calendars have not been read yet">
        <p>
          Meetings appear here once the first one was. <a href="/dashboard/calendars/">See how they are doing</a>
        </p>
      </EmptyState>
    )
  }
  return <NothingOnDay view={view} tz={tz} />
}

function NothingOnDay({ view, tz }: { view: DayView; tz: string | undefined }) {
  const { day, zone, now, next } = view
  const isToday = day === dayOf(now, zone)
  const isBeyond = day > dayOf(knownUntil(now), zone)
  return (
    <EmptyState title={isToday ? 'No meetings today' : `No meetings on ${longDay(day)}`}>
      {isBeyond ? <p>Calendars are read four weeks ahead; what is later is not known yet.</p> : null}
      {next && !isBeyond ? (
        <p>
          Next: {next.isAllDay ? longDay(dateOfWholeDay(next.startsAt)) : dayAndTime(next.startsAt, zone)},{' '}
          <a href={linkTo('/dashboard/', { date: dayOfStart(next, zone), tz })}>
            <Foreign text={shownTitle(next, 'meeting')} />
          </a>
        </p>
      ) : null}
    </EmptyState>
  )
}

function dayOfStart({ startsAt, isAllDay }: Meeting, zone: string): string {
  return isAllDay ? dateOfWholeDay(startsAt) : dayOf(startsAt, zone)
}

function NeverConnected() {
  return (
    <EmptyState title="Connect a calendar">
      <p>Rapporteur plans what it finds in calendars. Give it one, as an address or as a file:</p>
      <ConnectCommand />
      <p>It only reads, and it attends nothing until you say so.</p>
    </EmptyState>
  )
}

export function ConnectCommand() {
  return (
    <pre>
      <code>npx rapporteur calendar add ics https://calendar.example.com/ana.ics --owner ana@example.com</code>
    </pre>
  )
}
