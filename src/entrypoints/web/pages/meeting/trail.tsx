import { countOf } from '../../../../base/text.ts'
import { decisionTrail, type Meeting, type MeetingCopy, type TrailStep } from '../../../../features/meetings/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { ShapeIcon } from '../../components/mark.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'
import { linkTo } from '../../read-query.ts'
import type { Role, Shape } from '../../status.ts'

const outcomes: Record<TrailStep['outcome'], { shape: Shape; role: Role; word: string }> = {
  passed: { shape: 'ticked-circle', role: 'good', word: 'Yes' },
  stopped: { shape: 'minus-circle', role: 'warn', word: 'No' },
  not_asked: { shape: 'hollow-circle', role: 'neutral', word: 'Not asked' },
}

/** The questions that led to the decision. */
export function Trail({ meeting, now, tz }: { meeting: Meeting; now: Date; tz: string | undefined }) {
  const { mergedInto } = meeting.reasonDetail
  return (
    <section aria-labelledby="trail">
      <h2 id="trail">How this was decided</h2>
      <ol class="trail">
        {decisionTrail(meeting, now).map(({ heading, outcome, text }) => (
          <li class={outcomes[outcome].role}>
            <ShapeIcon shape={outcomes[outcome].shape} />
            <div>
              <strong>{heading}</strong>
              <span class="hidden">: {outcomes[outcome].word}.</span> <span class="muted">{text}</span>
            </div>
          </li>
        ))}
      </ol>
      {mergedInto === undefined ? null : (
        <p>
          <a href={linkTo(`/dashboard/meetings/${mergedInto}/`, { tz })}>The meeting it is part of now</a>
        </p>
      )}
    </section>
  )
}

const responses: Record<string, string> = {
  accepted: 'Accepted',
  declined: 'Declined',
  tentative: 'Perhaps',
  needs_action: 'No answer yet',
  none: 'No answer asked',
}

/** In whose calendars the meeting stands. */
export function Copies({ copies, total, zone }: { copies: readonly MeetingCopy[]; total: number; zone: string }) {
  if (copies.length === 0) return null
  return (
    <section aria-labelledby="copies">
      <h2 id="copies">
        In these calendars <span class="muted">{total}</span>
      </h2>
      <Table caption="Calendars that hold this meeting" columns={['Calendar', 'Answer', 'First seen']} kind="copies">
        {copies.map((copy) => (
          <Row>
            <NameCell>
              <a href={`/dashboard/calendars/${copy.calendarId}/`}>
                <Foreign text={copy.ownerEmail} />
              </a>
            </NameCell>
            <Cell label="Answer">
              {copy.isCancelled ? 'Cancelled' : (responses[copy.response] ?? copy.response)}
              {copy.isConnected ? null : ', disconnected'}
            </Cell>
            <Cell label="First seen">
              <Moment at={copy.seenAt} zone={zone} />
            </Cell>
          </Row>
        ))}
      </Table>
      {total > copies.length ? (
        <p class="muted">Only the first {countOf(copies.length, 'calendar')} are shown.</p>
      ) : null}
    </section>
  )
}
