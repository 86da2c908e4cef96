import { countOf } from '../../../base/text.ts'
import type { DueBot } from '../../../features/bots/index.ts'
import {
  healthOf,
  type ProblemGroup,
  type SilentCalendar,
  type TroubledCalendar,
} from '../../../features/calendars/index.ts'
import { explainDecision, type Meeting } from '../../../features/meetings/index.ts'
import { readAttention } from '../attention.ts'
import { calendarStatuses, explainHealth, ownNameOf, wordsOf } from '../calendar-status.ts'
import { Banner, EmptyState, Foreign } from '../components/blocks.tsx'
import { Confirmation } from '../components/confirmation.tsx'
import { StatusMark } from '../components/mark.tsx'
import { Cell, NameCell, Row, Table } from '../components/table.tsx'
import { Moment } from '../components/times.tsx'
import { readZone } from '../read-query.ts'
import { renderPage } from '../render-page.tsx'
import type { WebContext } from '../route.ts'
import { shownTitle } from '../titles.ts'
import type { WebDeps } from '../web-deps.ts'
import { AttendeeProblems } from './attendee-problems.tsx'
import { FailedJobs } from './failed-jobs.tsx'

/** What needs somebody, grouped by cause, each with what to do. */
export async function showProblems(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const now = deps.clock.now()
  const attention = await readAttention(deps)
  const { missingParts, weakSecret, calendars, silent, deadLetters, problemGroups, rivals, waiting, attendee, count } =
    attention
  const csrf = c.get('visitor')?.csrfToken ?? ''
  return renderPage(
    c,
    deps,
    { title: 'Problems', current: 'problems', attention: count, zone },
    <>
      <h1>Problems</h1>
      <Confirmation name={c.req.query('notice')} />
      {count === 0 ? (
        <EmptyState title="Nothing needs you">
          <p>Failing calendars, unreadable entries and failed jobs would be listed here.</p>
        </EmptyState>
      ) : null}
      {weakSecret === undefined ? null : <WeakSecret text={weakSecret} />}
      {missingParts.length === 0 ? null : <MissingParts parts={missingParts} />}
      {waiting.length === 0 ? null : <Waiting bots={waiting} zone={zone} />}
      {calendars.length === 0 ? null : <Calendars calendars={calendars} zone={zone} now={now} />}
      {silent.length === 0 ? null : <Silent calendars={silent} />}
      {rivals.length === 0 ? null : <Rivals meetings={rivals} zone={zone} now={now} />}
      {deadLetters.length === 0 ? null : <FailedJobs jobs={deadLetters} csrf={csrf} zone={zone} now={now} />}
      {problemGroups.length === 0 ? null : <Entries groups={problemGroups} />}
      {attendee ? <AttendeeProblems troubles={attendee} csrf={csrf} zone={zone} now={now} /> : null}
    </>,
  )
}

function WeakSecret({ text }: { text: string }) {
  return (
    <Banner tone="bad">
      <p>
        <strong>A secret can be guessed.</strong>{' '}
        {text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}
      </p>
    </Banner>
  )
}

function MissingParts({ parts }: { parts: readonly string[] }) {
  return (
    <section aria-labelledby="missing">
      <h2 id="missing">
        This machine <span class="muted">{parts.length}</span>
      </h2>
      <ul>
        {parts.map((part) => (
          <li>{part}</li>
        ))}
      </ul>
    </section>
  )
}

function Waiting({ bots, zone }: { bots: readonly DueBot[]; zone: string }) {
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">
        Meetings that wait for their bot <span class="muted">{bots.length}</span>
      </h2>
      <p class="muted">
        Each gets the next free place while it runs. With <code>BOTS_MAX</code> and <code>BOTS_PER_WORKER</code> you say
        how many there are; a further worker brings more.
      </p>
      <Table caption="Meetings that wait for their bot" columns={['Meeting', 'Begins']} kind="waiting">
        {bots.map((bot) => (
          <Row>
            <NameCell>
              <a href={`/dashboard/meetings/${bot.meetingId}/`}>
                <Foreign text={shownTitle(bot, 'meeting')} />
              </a>
            </NameCell>
            <Cell label="Begins">
              <Moment at={bot.startsAt} zone={zone} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

function Calendars({ calendars, zone, now }: { calendars: readonly TroubledCalendar[]; zone: string; now: Date }) {
  return (
    <section aria-labelledby="calendars">
      <h2 id="calendars">
        Calendars <span class="muted">{calendars.length}</span>
      </h2>
      <p class="muted">Their events stay as they were last read; newer changes are missing.</p>
      <Table caption="Calendars" columns={['Calendar', 'State', 'Last success']} kind="troubled">
        {calendars.map((calendar) => {
          const health = healthOf(calendar, now)
          return (
            <Row>
              <NameCell>
                <a href={`/dashboard/calendars/${calendar.id}/`}>
                  <Foreign text={calendar.ownerEmail} />
                </a>
                <small>
                  <Foreign text={ownNameOf(calendar) ?? calendar.addressLabel} />
                </small>
              </NameCell>
              <Cell label="State">
                <StatusMark status={calendarStatuses[health]} />
                <small>{explainHealth(health, calendar)}</small>
              </Cell>
              <Cell label="Last success">
                <Moment at={calendar.lastSuccessAt} zone={zone} now={now} />
              </Cell>
            </Row>
          )
        })}
      </Table>
    </section>
  )
}

function Silent({ calendars }: { calendars: readonly SilentCalendar[] }) {
  return (
    <section aria-labelledby="silent">
      <h2 id="silent">
        Notices that do not come <span class="muted">{calendars.length}</span>
      </h2>
      {[...Map.groupBy(calendars, ({ provider }) => wordsOf(provider).label)].map(([label, those]) => (
        <p>
          Something changed in these calendars and {label} did not say so, though it opened a channel:{' '}
          <Where calendars={those.map(({ id, ownerEmail }) => ({ id, owner: ownerEmail }))} />. They are looked at every
          quarter of an hour until a notice comes. Does everything in front of us (proxy, firewall) let {label} through?
        </p>
      ))}
    </section>
  )
}

function Rivals({ meetings, zone, now }: { meetings: readonly Meeting[]; zone: string; now: Date }) {
  return (
    <section aria-labelledby="rivals">
      <h2 id="rivals">
        Rooms that meetings of different people want at one time <span class="muted">{meetings.length}</span>
      </h2>
      <p class="muted">
        At every instant what is said in a room belongs to one of them: to that of the colleague who brought the room,
        else to the one known first, unless only the other one’s people are there. If that is not right,{' '}
        <code>rapporteur room brought LINK EMAIL</code> says who brought a room, and{' '}
        <code>rapporteur held MEETING</code> which meeting was held.
      </p>
      <Table
        caption="Meetings that want one room"
        columns={['Meeting', 'Begins', 'Room', 'What is planned']}
        kind="rivals"
      >
        {meetings.map((meeting) => (
          <Row>
            <NameCell>
              <a href={`/dashboard/meetings/${meeting.id}/`}>
                <Foreign text={shownTitle(meeting, 'meeting')} />
              </a>
            </NameCell>
            <Cell label="Begins">
              <Moment at={meeting.startsAt} zone={zone} />
            </Cell>
            <Cell label="Room">
              <Foreign text={meeting.roomId} />
            </Cell>
            <Cell label="What is planned">{explainDecision(meeting, now)}</Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

function Entries({ groups }: { groups: readonly ProblemGroup[] }) {
  return (
    <section aria-labelledby="entries">
      <h2 id="entries">Calendar entries that could not be read as they are</h2>
      <p class="muted">The rest of each calendar is read all the same.</p>
      <Table caption="Entries" columns={['Kind', 'For example', 'Where']} kind="entries">
        {groups.map((group) => (
          <Row>
            <NameCell>
              {countOf(group.entries, 'entry', 'entries')}
              <small>{group.code}</small>
            </NameCell>
            <Cell label="For example">
              <Foreign text={group.example} />
            </Cell>
            <Cell label="Where">
              <Where calendars={group.where} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

const MAX_NAMED = 5

function Where({ calendars }: { calendars: ProblemGroup['where'] }) {
  const more = calendars.length - MAX_NAMED
  return (
    <span>
      {calendars.slice(0, MAX_NAMED).map(({ id, owner }, index) => (
        <>
          {index === 0 ? null : ', '}
          <a href={`/dashboard/calendars/${id}/#problems`}>
            <Foreign text={owner} />
          </a>
        </>
      ))}
      {more > 0 ? ` and ${more} more` : ''}
    </span>
  )
}
