import { countOf } from '../../../../base/text.ts'
import { type EventWithoutRoom, explainEventWithoutRoom } from '../../../../features/calendars/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Period } from '../../components/times.tsx'
import { shownTitle } from '../../titles.ts'

const columns = ['Time', 'Event', 'Why not', 'Whose']

/** The events of a day that have no meeting link, each with its reason. */
export function EventTable({ events, zone, now }: { events: readonly EventWithoutRoom[]; zone: string; now: Date }) {
  return (
    <Table caption="Events of the day without a meeting link" columns={columns} kind="events">
      {events.map((event) => (
        <Row isMuted={event.endsAt <= now}>
          <Cell label="Time">
            <Period startsAt={event.startsAt} endsAt={event.endsAt} isAllDay={event.isAllDay} zone={zone} />
          </Cell>
          <NameCell>
            <Foreign text={shownTitle(event, 'event')} />
          </NameCell>
          <Cell label="Why not">{explainEventWithoutRoom(event)}</Cell>
          <Cell label="Whose">
            {event.copies === 1 ? <Foreign text={event.ownerEmail} /> : countOf(event.copies, 'calendar')}
          </Cell>
        </Row>
      ))}
    </Table>
  )
}
