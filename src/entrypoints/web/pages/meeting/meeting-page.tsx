import { countOf } from '../../../../base/text.ts'
import { dateOfWholeDay, dayOf } from '../../../../base/time.ts'
import { type BotView, listBotEvents, listBots, listMissingMedia } from '../../../../features/bots/index.ts'
import {
  isPlatform,
  listCopies,
  listDecisions,
  listWishes,
  type Meeting,
  platformLabel,
  readMeeting,
} from '../../../../features/meetings/index.ts'
import { listHeardMeetings } from '../../../../features/recordings/index.ts'
import { readAttention } from '../../attention.ts'
import { ActionForm, Facts, Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { ClockTime, Moment } from '../../components/times.tsx'
import { clockTime, distance, duration, longDay } from '../../formats.ts'
import { askable, currentBot, explainStanding, standingOf, unfitOf } from '../../meeting-status.ts'
import { linkTo, readId, readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import { meetingStatuses } from '../../status.ts'
import { shownTitle } from '../../titles.ts'
import type { WebDeps } from '../../web-deps.ts'
import { notFound } from '../../web-errors.ts'
import { TimeLine } from './time-line.tsx'
import { Copies, Trail } from './trail.tsx'

const MAX_COPIES = 100
const MAX_ENTRIES = 200

/** Everything known about one meeting: what is to happen with it, and how that came to be. */
export async function showMeeting(c: WebContext, deps: WebDeps): Promise<Response> {
  const id = readId(c)
  const zone = readZone(c, deps)
  const meeting = await readMeeting(deps.db, id)
  if (!meeting) throw notFound()
  const [copies, decisions, said, bots, botEvents, missing, attention, capacity, heard] = await Promise.all([
    listCopies(deps.db, id, MAX_COPIES),
    listDecisions(deps.db, id, MAX_ENTRIES),
    listWishes(deps.db, id, MAX_ENTRIES),
    listBots(deps.db, [id]),
    listBotEvents(deps.db, id, MAX_ENTRIES),
    listMissingMedia(deps.db, { meetingId: id }, 1),
    readAttention(deps),
    deps.capacity(),
    listHeardMeetings(deps.db, [id]),
  ])
  const now = deps.clock.now()
  const facts = { capacity, isHeard: heard.has(id), now, unfit: unfitOf(deps, meeting) }
  const { status, sentence } = standingOf(meeting, bots, facts)
  const { verdict, because, obstacle } = explainStanding(meeting, status, now)
  const title = shownTitle(meeting, 'meeting', 500)
  const tz = zone === deps.server.timeZone ? undefined : zone
  const day = meeting.isAllDay ? dateOfWholeDay(meeting.startsAt) : dayOf(meeting.startsAt, zone)
  return renderPage(
    c,
    deps,
    { title, current: 'day', attention: attention.count, zone },
    <>
      <p class="back">
        <a href={linkTo('/dashboard/', { date: day, tz })}>← {longDay(day)}</a>
      </p>
      <h1>
        <Foreign text={title} />
      </h1>
      <p class="verdict">
        <StatusMark status={meetingStatuses[status]} />
        {verdict}: {because}. {[obstacle, sentence].filter(Boolean).join(' ')}
      </p>
      {meeting.hasRival ? (
        <p class="lead">
          A meeting of other people wants this room at the same time. At every instant what is said there belongs to one
          of the two; who is in the room can change to which.
        </p>
      ) : null}
      {missing.map(({ message }) => (
        <p class="lead">A recording of it could not be fetched. {message} It is asked for again.</p>
      ))}
      {bots.length === 0 ? null : (
        <p class="lead">
          <a href={`/dashboard/transcripts/${id}/`}>Transcript</a>
        </p>
      )}
      <BotActions meeting={meeting} bot={currentBot(bots)} now={now} csrf={c.get('visitor')?.csrfToken ?? ''} />
      <MeetingFacts meeting={meeting} zone={zone} now={now} />
      <Trail meeting={meeting} now={now} tz={tz} />
      <Copies copies={copies} total={meeting.copies} zone={zone} />
      <TimeLine ledger={{ decisions, wishes: said, bots, botEvents }} meeting={meeting} zone={zone} />
    </>,
  )
}

/** What a person can say about a meeting that is not over. */
function BotActions(props: { meeting: Meeting; bot: BotView | undefined; now: Date; csrf: string }) {
  const { meeting, bot, now, csrf } = props
  if (meeting.endsAt <= now) return null
  const wish = askable(meeting, bot)
  const address = `/dashboard/meetings/${meeting.id}`
  return (
    <div class="actions">
      {wish === undefined ? null : (
        <ActionForm
          action={`${address}/${wish === 'send' ? 'send-bot' : 'stop-bot'}/`}
          csrf={csrf}
          label={wishes[wish]}
        />
      )}
      {meeting.wish === null || meeting.copies === 0 ? null : (
        <ActionForm action={`${address}/as-planned/`} csrf={csrf} label="As planned" />
      )}
    </div>
  )
}

const wishes = { send: 'Send a bot', send_none: 'Send no bot', leave: 'Ask the bot to leave' }

function MeetingFacts({ meeting, zone, now }: { meeting: Meeting; zone: string; now: Date }) {
  const platform = isPlatform(meeting.platform) ? platformLabel(meeting.platform) : meeting.platform
  return (
    <Facts
      facts={[
        ['When', <When meeting={meeting} zone={zone} now={now} />],
        [
          'Where',
          <>
            {platform}, <code>{withoutQuery(meeting.meetingUrl)}</code>
          </>,
        ],
        ['Organiser', meeting.organizerEmail === null ? 'not said' : <Foreign text={meeting.organizerEmail} />],
        ['People', countOf(meeting.attendeeCount, 'person', 'people')],
      ]}
    />
  )
}

function When({ meeting, zone, now }: { meeting: Meeting; zone: string; now: Date }) {
  const { startsAt, endsAt, isAllDay } = meeting
  if (isAllDay) return <time datetime={startsAt.toISOString()}>{longDay(dateOfWholeDay(startsAt))}, all day</time>
  const isOneDay = dayOf(startsAt, zone) === dayOf(endsAt, zone)
  const length = duration(endsAt.getTime() - startsAt.getTime())
  const from = distance(startsAt, now)
  return (
    <>
      <time datetime={startsAt.toISOString()}>
        {longDay(dayOf(startsAt, zone))}, {clockTime(startsAt, zone)}
      </time>
      –{isOneDay ? <ClockTime at={endsAt} zone={zone} /> : <Moment at={endsAt} zone={zone} />}{' '}
      <span class="muted">
        ({length}
        {from === null || endsAt <= now ? '' : startsAt <= now ? `, began ${from}` : `, ${from}`})
      </span>
    </>
  )
}

/** What follows the question mark can let people in, so it is not shown. */
function withoutQuery(address: string): string {
  const url = URL.parse(address)
  return url ? `${url.host}${url.pathname}` : ''
}
