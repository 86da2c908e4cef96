import type { BotEventView, BotView } from '../../../../features/bots/index.ts'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'

/** The attempts to attend a meeting, and what happened to each. */
export function Bots(props: { bots: readonly BotView[]; events: readonly BotEventView[]; zone: string }) {
  const { bots, events, zone } = props
  if (bots.length === 0) return null
  const byBot = Map.groupBy(events, (event) => event.botId)
  return (
    <section aria-labelledby="bots">
      <h2 id="bots">Bots</h2>
      {bots.map((bot) => (
        <>
          <h3>
            <code>{bot.id}</code>
          </h3>
          <p class="muted">
            {worded(bot.state)}, to be in the room at <Moment at={bot.joinAt} zone={zone} />. Made{' '}
            <Moment at={bot.createdAt} zone={zone} />.
          </p>
          {byBot.has(bot.id) ? <BotEvents events={byBot.get(bot.id) ?? []} zone={zone} /> : null}
        </>
      ))}
    </section>
  )
}

function BotEvents({ events, zone }: { events: readonly BotEventView[]; zone: string }) {
  return (
    <Table caption="What happened to this bot" columns={['When', 'What', 'State after']} kind="bot-events">
      {events.map((event) => (
        <Row>
          <Cell label="When">
            <Moment at={event.createdAt} zone={zone} />
          </Cell>
          <NameCell>
            {worded(event.type)}
            {event.subType === null ? null : <small>{event.subType}</small>}
          </NameCell>
          <Cell label="State after">{worded(event.newState)}</Cell>
        </Row>
      ))}
    </Table>
  )
}

/** joined_recording as "Joined recording". */
function worded(name: string): string {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
