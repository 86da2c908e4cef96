import { dateOfWholeDay } from '../../../../base/time.ts'
import { type ComingEvent, explainEventWithoutRoom, type ShownProblem } from '../../../../features/calendars/index.ts'
import { explainDecision, type MeetingOfEvent } from '../../../../features/meetings/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'
import { shortDay } from '../../formats.ts'
import { shownTitle } from '../../titles.ts'

/** The entries of a calendar that could not be read, or only with a guess. */
export function EntryProblems(props: { problems: readonly ShownProblem[]; zone: string; isCut: boolean }) {
  const { problems, zone, isCut } = props
  if (problems.length === 0) return null
  return (
    <section aria-labelledby="problems">
      <h2 id="problems">Problems in it</h2>
      <p class="muted">The rest of the calendar is read all the same.</p>
      <Table caption="Problems" columns={['Entry', 'What is wrong', 'Noticed']} kind="problems">
        {problems.map((problem) => (
          <Row>
            <NameCell>
              <Foreign text={shownTitle({ title: problem.title ?? '', isPrivate: problem.isPrivate }, 'event')} />
              <small>{problem.code}</small>
            </NameCell>
            <Cell label="What is wrong">
              <Foreign text={problem.message} />
            </Cell>
            <Cell label="Noticed">
              <Moment at={problem.noticedAt} zone={zone} />
            </Cell>
          </Row>
        ))}
      </Table>
      {isCut ? <p class="muted">Only the first {problems.length} are shown.</p> : null}
    </section>
  )
}

interface ComingEventsProps {
  events: readonly ComingEvent[]
  meetings: readonly MeetingOfEvent[]
  zone: string
  now: Date
  isCut: boolean
}

/** What is coming in a calendar, each event with what becomes of it. */
export function ComingEvents({ events, meetings, zone, now, isCut }: ComingEventsProps) {
  const meetingOf = new Map(meetings.map((meeting) => [keyOf(meeting), meeting]))
  return (
    <section aria-labelledby="coming">
      <h2 id="coming">Coming events</h2>
      {events.length === 0 ? <p>Nothing in the next four weeks.</p> : null}
      {events.length === 0 ? null : (
        <Table caption="Coming events" columns={['When', 'Event', 'What becomes of it']} kind="coming">
          {events.map((event) => {
            const meeting = meetingOf.get(keyOf(event))
            const title = <Foreign text={shownTitle(event, 'event')} />
            return (
              <Row>
                <Cell label="When">
                  <Start event={event} zone={zone} />
                </Cell>
                <NameCell>{meeting ? <a href={`/dashboard/meetings/${meeting.id}/`}>{title}</a> : title}</NameCell>
                <Cell label="What becomes of it">
                  {meeting ? explainDecision(meeting, now) : explainEventWithoutRoom(event)}
                </Cell>
              </Row>
            )
          })}
        </Table>
      )}
      {isCut ? <p class="muted">Only the first {events.length} are shown.</p> : null}
    </section>
  )
}

function Start({ event, zone }: { event: ComingEvent; zone: string }) {
  if (!event.isAllDay) return <Moment at={event.startsAt} zone={zone} />
  return (
    <time datetime={event.startsAt.toISOString()}>
      {shortDay(new Date(dateOfWholeDay(event.startsAt)), 'UTC')}, all day
    </time>
  )
}

function keyOf(event: { uid: string; occurrenceKey: string }): string {
  return JSON.stringify([event.uid, event.occurrenceKey])
}
