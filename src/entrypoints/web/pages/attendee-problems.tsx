import type { StoredTrial } from '../../../features/attendance/index.ts'
import { explainTrial } from '../../../features/bots/index.ts'
import { isPlatform, platformLabel } from '../../../features/meetings/index.ts'
import { actorOf } from '../actor.ts'
import type { AttendeeTroubles, Trouble } from '../attendee-troubles.ts'
import { ActionForm, Foreign } from '../components/blocks.tsx'
import { Cell, NameCell, Row, Table } from '../components/table.tsx'
import { Moment } from '../components/times.tsx'
import { linkTo } from '../read-query.ts'
import type { WebContext } from '../route.ts'
import { shownTitle } from '../titles.ts'
import type { WebDeps } from '../web-deps.ts'
import { notFound } from '../web-errors.ts'

/** Has the server tried, and shows what it said. */
export async function tryAttendeeServer(c: WebContext, deps: WebDeps): Promise<Response> {
  if (!deps.attendee) throw notFound()
  await deps.attendee.tryOut(actorOf(c))
  return c.redirect(linkTo('/dashboard/problems/', { notice: 'attendee_tried' }), 303)
}

const MAX_NAMED = 5

/** All of them under one head, and the button that tries the server. */
export function AttendeeProblems(props: { troubles: AttendeeTroubles; csrf: string; zone: string; now: Date }) {
  const { troubles, csrf, zone, now } = props
  return (
    <section aria-labelledby="attendee">
      <h2 id="attendee">The Attendee server</h2>
      <Troubles troubles={troubles.troubles} />
      <p class="muted">
        A trial has the server make a bot far ahead for each platform that it attends, and takes it back.
      </p>
      <Trials trials={troubles.trials} zone={zone} now={now} />
      <ActionForm action="/dashboard/problems/try-attendee/" csrf={csrf} label="Try what it would say" />
    </section>
  )
}

function Troubles({ troubles }: Pick<AttendeeTroubles, 'troubles'>) {
  if (troubles.length === 0) return null
  return (
    <Table caption="What the Attendee server does not do" columns={['What', 'Why', 'Which']} kind="refusals">
      {troubles.map(({ what, why, meetings }) => (
        <Row>
          <NameCell>{what}</NameCell>
          <Cell label="Why">
            <Foreign text={why} />
          </Cell>
          <Cell label="Which">
            <Which meetings={meetings} />
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

function Which({ meetings }: Pick<Trouble, 'meetings'>) {
  const more = meetings.length - MAX_NAMED
  return (
    <span>
      {meetings.slice(0, MAX_NAMED).map((meeting, index) => (
        <>
          {index === 0 ? null : ', '}
          <a href={`/dashboard/meetings/${meeting.id}/`}>
            <Foreign text={shownTitle(meeting, 'meeting')} />
          </a>
        </>
      ))}
      {more > 0 ? ` and ${more} more` : ''}
    </span>
  )
}

function Trials({ trials, zone, now }: { trials: readonly StoredTrial[]; zone: string; now: Date }) {
  if (trials.length === 0) return null
  return (
    <Table
      caption="What the Attendee server said when it was tried"
      columns={['Tried', 'What it said', 'When']}
      kind="trials"
    >
      {trials.map(({ subject, problem, leftBehind, triedAt }) => (
        <Row>
          <NameCell>{isPlatform(subject) ? platformLabel(subject) : 'Recordings'}</NameCell>
          <Cell label="What it said">
            <Foreign text={problem ? explainTrial(problem) : fine(subject)} />
            {leftBehind === null ? null : (
              <small>The bot of the trial could not be taken back ({leftBehind}) Try again.</small>
            )}
          </Cell>
          <Cell label="When">
            <Moment at={triedAt} zone={zone} now={now} />
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

function fine(subject: string): string {
  return isPlatform(subject) ? 'It would send a bot.' : 'Nothing keeps us from those that it has.'
}
