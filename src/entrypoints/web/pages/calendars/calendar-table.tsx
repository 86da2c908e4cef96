import { type CalendarOverview, type ChannelOverview, healthOf } from '../../../../features/calendars/index.ts'
import { calendarStatuses, explainHealth, noticesOf, ownNameOf, wordsOf } from '../../calendar-status.ts'
import { Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'

const columns = ['Calendar', 'State', 'Changes seen', 'Last success', 'Last try', 'Events', 'Problems']

interface CalendarTableProps {
  calendars: readonly CalendarOverview[]
  /** By calendar, for those that can send notices. */
  channels: ReadonlyMap<string, ChannelOverview>
  /** Whether a provider can send notices to us. */
  canSendNotices(provider: string): boolean
  zone: string
  now: Date
}

/** The calendars, each with how it is doing. */
export function CalendarTable({ calendars, channels, canSendNotices, zone, now }: CalendarTableProps) {
  return (
    <Table caption="Calendars" columns={columns} kind="calendars">
      {calendars.map((calendar) => {
        const health = healthOf(calendar, now)
        const reason = explainHealth(health, calendar)
        const notices = noticesOf(channels.get(calendar.id), { hasAddress: canSendNotices(calendar.provider), now })
        return (
          <Row isMuted={health === 'released'}>
            <NameCell>
              <a href={`/dashboard/calendars/${calendar.id}/`}>
                <Foreign text={calendar.ownerEmail} />
              </a>
              <small>
                <Source calendar={calendar} />
              </small>
            </NameCell>
            <Cell label="State">
              <StatusMark status={calendarStatuses[health]} />
              {reason === null ? null : <small>{reason}</small>}
            </Cell>
            <Cell label="Changes seen">
              {health === 'disconnected' || health === 'released' ? (
                <span class="muted">—</span>
              ) : (
                <>
                  <StatusMark status={notices.status} />
                  {notices.status.role === 'warn' ? <small>{notices.reason}</small> : null}
                </>
              )}
            </Cell>
            <Cell label="Last success">
              <Moment at={calendar.lastSuccessAt} zone={zone} now={now} />
            </Cell>
            <Cell label="Last try">
              <Moment at={calendar.lastAttemptAt} zone={zone} now={now} />
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

/** What tells one calendar of a person from another: its name, and where it is read from, unless that says no more than whose it is. */
function Source({ calendar }: { calendar: CalendarOverview }) {
  const { label, knownBy } = wordsOf(calendar.provider)
  const name = ownNameOf(calendar)
  return (
    <>
      {name === null ? null : (
        <>
          <Foreign text={name} />
          {' · '}
        </>
      )}
      {label}
      {knownBy === 'owner' ? null : (
        <>
          , <Foreign text={calendar.addressLabel} />
        </>
      )}
    </>
  )
}
