import { type CalendarOverview, healthOf } from '../../../../features/calendars/index.ts'
import { calendarStatuses, explainHealth, providerLabel } from '../../calendar-status.ts'
import { Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'

const columns = ['Calendar', 'State', 'Last success', 'Last try', 'Next try', 'Events', 'Problems']

/** The calendars, each with how it is doing. */
export function CalendarTable(props: { calendars: readonly CalendarOverview[]; zone: string; now: Date }) {
  const { calendars, zone, now } = props
  return (
    <Table caption="Calendars" columns={columns} kind="calendars">
      {calendars.map((calendar) => {
        const health = healthOf(calendar, now)
        const reason = explainHealth(health, calendar)
        return (
          <Row>
            <NameCell>
              <a href={`/dashboard/calendars/${calendar.id}/`}>
                <Foreign text={calendar.ownerEmail} />
              </a>
              <small>
                {calendar.name === null ? null : (
                  <>
                    <Foreign text={calendar.name} />
                    {' · '}
                  </>
                )}
                {providerLabel(calendar.provider)}, <Foreign text={calendar.addressLabel} />
              </small>
            </NameCell>
            <Cell label="State">
              <StatusMark status={calendarStatuses[health]} />
              {reason === null ? null : <small>{reason}</small>}
            </Cell>
            <Cell label="Last success">
              <Moment at={calendar.lastSuccessAt} zone={zone} now={now} />
            </Cell>
            <Cell label="Last try">
              <Moment at={calendar.lastAttemptAt} zone={zone} now={now} />
            </Cell>
            <Cell label="Next try">
              {health === 'disconnected' ? '—' : <Moment at={calendar.nextSyncAt} zone={zone} now={now} />}
            </Cell>
            <Cell label="Events">
              <span class="pair">
                {calendar.events.toLocaleString('en-GB')}
                <small>{calendar.eventsWithLink.toLocaleString('en-GB')} with a link</small>
              </span>
            </Cell>
            <Cell label="Problems">{calendar.problems.toLocaleString('en-GB')}</Cell>
          </Row>
        )
      })}
    </Table>
  )
}
