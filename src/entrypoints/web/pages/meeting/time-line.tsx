import { type BotEventView, type BotView, explainEnd } from '../../../../features/bots/index.ts'
import {
  explainDecision,
  explanationOf,
  type Meeting,
  type MeetingWish,
  type PastDecision,
  reasons,
} from '../../../../features/meetings/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Moment } from '../../components/times.tsx'

/** The ledger of a meeting: what was decided, what people said, and what became of each attempt. */
interface Ledger {
  decisions: readonly PastDecision[]
  wishes: readonly MeetingWish[]
  bots: readonly BotView[]
  botEvents: readonly BotEventView[]
}

interface Entry {
  at: Date
  what: string
  /** A second line. */
  note: string | null
  /** What led to it. */
  from: string
  /** The bot it is about. */
  botId: string | null
}

/** Everything that happened to a meeting, in order. */
export function TimeLine({ ledger, meeting, zone }: { ledger: Ledger; meeting: Meeting; zone: string }) {
  const entries = entriesOf(ledger, meeting)
  if (entries.length === 0) return null
  return (
    <section aria-labelledby="time-line">
      <h2 id="time-line">What happened</h2>
      <Table caption="What happened, in order" columns={['When', 'What', 'Why then', 'Bot']} kind="time-line">
        {entries.map((entry) => (
          <Row>
            <Cell label="When">
              <Moment at={entry.at} zone={zone} />
            </Cell>
            <NameCell>
              {entry.what}
              {entry.note === null ? null : <small>{entry.note}</small>}
            </NameCell>
            <Cell label="Why then">
              <Foreign text={entry.from} />
            </Cell>
            <Cell label="Bot">{entry.botId === null ? '–' : <code>{entry.botId}</code>}</Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

/** What is of one instant stands in the order of cause and effect: a word, a decision, a bot, what it did. */
function entriesOf(ledger: Ledger, meeting: Meeting): Entry[] {
  const entries = [
    ...ledger.wishes.toReversed().map(ofWish),
    ...ledger.decisions.toReversed().map((decision) => ofDecision(decision, meeting)),
    ...ledger.bots.map(ofBot),
    ...ledger.botEvents.map((event) => ofEvent(event, meeting)),
  ]
  return entries.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function ofWish({ wish, wishedBy, wishedAt }: MeetingWish): Entry {
  return { at: wishedAt, what: words[wish], note: null, from: wishedBy, botId: null }
}

const words: Record<MeetingWish['wish'], string> = {
  attend: 'A bot was sent',
  none: 'Somebody said that no bot is to come',
  as_planned: 'Somebody said that it is to go as planned',
}

function ofDecision(decision: PastDecision, meeting: Meeting): Entry {
  const { platform, endsAt } = meeting
  return {
    at: decision.decidedAt,
    what: explainDecision({ ...decision, platform, endsAt }, decision.decidedAt),
    note: null,
    from: origins[decision.origin] ?? decision.origin,
    botId: null,
  }
}

function ofBot({ id, origin, runner, createdAt }: BotView): Entry {
  return { at: createdAt, what: 'Bot made', note: `Runner: ${runner}`, from: origins[origin] ?? origin, botId: id }
}

function ofEvent(event: BotEventView, meeting: Meeting): Entry {
  const { botId, type, subType, newState, createdAt } = event
  const why = whyCalledOff(event, meeting) ?? explainEnd(subType, event) ?? (subType === type ? null : subType)
  const state = newState === type ? null : `Its state: ${worded(newState).toLowerCase()}.`
  return { at: createdAt, what: worded(type), note: [why, state].filter(Boolean).join(' ') || null, from: '–', botId }
}

/** A bot that was called off has the reason of the decision against its meeting. */
function whyCalledOff({ decision }: BotEventView, meeting: Meeting): string | null {
  const reason = reasons.find((known) => known === decision)
  if (reason === undefined) return null
  if (reason === 'wanted' || reason === 'sent_by_person') return 'Bots were not to go there any more.'
  const { because } = explanationOf({ ...meeting, decision: 'skip', reason }, meeting.endsAt)
  return `${worded(because)}.`
}

const origins: Record<string, string> = {
  calendar: 'a calendar changed',
  person: 'somebody said so',
  rules: 'the rules changed',
  attendance: 'attendance was switched',
  sweep: 'the regular check of the plan',
  attempt: 'the attempt before was lost',
}

/** joined_recording as "Joined recording". */
function worded(name: string): string {
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
