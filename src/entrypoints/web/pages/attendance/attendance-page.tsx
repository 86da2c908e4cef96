import { countOf } from '../../../../base/text.ts'
import { readAttendance } from '../../../../features/meetings/index.ts'
import { readAttention } from '../../attention.ts'
import { Banner, Figures, Foreign } from '../../components/blocks.tsx'
import { Confirmation } from '../../components/confirmation.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'
import { readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import { shownTitle } from '../../titles.ts'
import type { WebDeps } from '../../web-deps.ts'
import { type Foresight, foreseeAttendance } from './foresee-attendance.ts'

type Attendance = Awaited<ReturnType<typeof readAttendance>>

/** Whether bots go to meetings, and what switching that would do today. */
export async function showAttendance(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const [attendance, foresight, attention] = await Promise.all([
    readAttendance(deps.db),
    foreseeAttendance(deps, zone),
    readAttention(deps),
  ])
  const isOn = deps.sandbox || attendance.mode === 'on'
  return renderPage(
    c,
    deps,
    { title: 'Attendance', current: 'day', attention: attention.count, zone },
    <>
      <p class="back">
        <a href="/dashboard/">← Plan of the day</a>
      </p>
      <h1>{isOn ? 'Bots go to meetings' : 'Bots stay away: observing'}</h1>
      <Confirmation name={c.req.query('notice')} />
      <p class="verdict">
        {isOn ? <Since attendance={attendance} zone={zone} now={deps.clock.now()} /> : null}{' '}
        {sentenceOf(isOn, foresight)}
      </p>
      {foresight.meetings === 0 ? null : <Today foresight={foresight} isOn={isOn} />}
      {foresight.reasons.length === 0 ? null : <Reasons foresight={foresight} />}
      {deps.sandbox ? (
        <Banner tone="info">The sandbox always attends its pretend meetings.</Banner>
      ) : (
        <Switch isOn={isOn} csrf={c.get('visitor')?.csrfToken ?? ''} />
      )}
    </>,
  )
}

function sentenceOf(isOn: boolean, { meetings, attended }: Foresight): string {
  if (meetings === 0) return 'There are no more meetings today.'
  const left = countOf(meetings, 'more meeting')
  if (isOn) return `Today has ${left}; a bot goes to ${attended === meetings ? 'all of them' : attended}.`
  return `Today has ${left}. Switched on, bots would go to ${attended === meetings ? 'all of them' : attended}.`
}

function Since({ attendance, zone, now }: { attendance: Attendance; zone: string; now: Date }) {
  const { changedAt, changedBy } = attendance
  if (changedAt === undefined) return null
  return (
    <>
      Since <Moment at={new Date(changedAt)} zone={zone} now={now} />
      {changedBy === undefined ? (
        ''
      ) : (
        <>
          , by <Foreign text={changedBy} />
        </>
      )}
      .{' '}
    </>
  )
}

function Today({ foresight, isOn }: { foresight: Foresight; isOn: boolean }) {
  const { meetings, attended, notAttended, isCut } = foresight
  return (
    <Figures
      figures={[
        { label: 'Left today', value: meetings, note: isCut ? 'or more' : 'meetings that are not over' },
        { label: isOn ? 'Attended' : 'Would be attended', value: attended, note: 'a bot joins' },
        { label: 'Not attended', value: notAttended, note: 'in either case' },
      ]}
    />
  )
}

function Reasons({ foresight }: { foresight: Foresight }) {
  return (
    <section aria-labelledby="why-not">
      <h2 id="why-not">Why not</h2>
      <Table caption="Why not" columns={['Reason', 'Meetings', 'For example']} kind="reasons">
        {foresight.reasons.map(({ because, meetings, example }) => (
          <Row>
            <NameCell>{because}</NameCell>
            <Cell label="Meetings">{meetings.toLocaleString('en-GB')}</Cell>
            <Cell label="For example">
              <a href={`/dashboard/meetings/${example.id}/`}>
                <Foreign text={shownTitle(example, 'meeting')} />
              </a>
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

function Switch({ isOn, csrf }: { isOn: boolean; csrf: string }) {
  return (
    <section aria-labelledby="switch">
      <h2 id="switch">{isOn ? 'Switch it off' : 'Switch it on'}</h2>
      <p class="muted">
        {isOn
          ? 'Bots that have not gone yet do not go, and those that sit in a meeting are asked to leave. Everything is still planned and shown.'
          : 'From then on a bot goes to every meeting that the plan says, also to those that are running now. You can switch it off again at any time.'}
      </p>
      <form method="post" action="/dashboard/attendance/">
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="mode" value={isOn ? 'observing' : 'on'} />
        <button type="submit" class={isOn ? undefined : 'primary'}>
          {isOn ? 'Switch attendance off' : 'Switch attendance on'}
        </button>
      </form>
    </section>
  )
}
