import { countOf } from '../../../../base/text.ts'
import { dayOf } from '../../../../base/time.ts'
import { listBotEvents, listBots } from '../../../../features/bots/index.ts'
import {
  explainDecision,
  isPlatform,
  listCopies,
  listDecisions,
  listWishes,
  type Meeting,
  platformLabel,
  readMeeting,
} from '../../../../features/meetings/index.ts'
import { readAttention } from '../../attention.ts'
import { ActionForm, Facts, Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { ClockTime, Moment } from '../../components/times.tsx'
import { clockTime, distance, duration, longDay } from '../../formats.ts'
import { standingOf } from '../../meeting-status.ts'
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
  const [copies, decisions, wishes, bots, botEvents, attention, capacity] = await Promise.all([
    listCopies(deps.db, id, MAX_COPIES),
    listDecisions(deps.db, id, MAX_ENTRIES),
    listWishes(deps.db, id, MAX_ENTRIES),
    listBots(deps.db, [id]),
    listBotEvents(deps.db, id, MAX_ENTRIES),
    readAttention(deps),
    deps.capacity(),
  ])
  const now = deps.clock.now()
  const { status, sentence } = standingOf(meeting, bots, capacity, now)
  const title = shownTitle(meeting, 'meeting', 500)
  const tz = zone === deps.server.timeZone ? undefined : zone
  const day = dayOf(meeting.startsAt, zone)
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
        {explainDecision(meeting, now)} {sentence}
      </p>
      <BotActions meeting={meeting} now={now} csrf={c.get('visitor')?.csrfToken ?? ''} />
      {bots.length === 0 ? null : (
        <p>
          <a href={`/dashboard/transcripts/${id}/`}>Transcript</a>
        </p>
      )}
      <MeetingFacts meeting={meeting} zone={zone} now={now} />
      <Trail meeting={meeting} now={now} tz={tz} />
      <Copies copies={copies} total={meeting.copies} zone={zone} />
      <TimeLine ledger={{ decisions, wishes, bots, botEvents }} meeting={meeting} zone={zone} />
    </>,
  )
}

/** What a person can say about a meeting that is not over. */
function BotActions({ meeting, now, csrf }: { meeting: Meeting; now: Date; csrf: string }) {
  if (meeting.endsAt <= now) return null
  const isAttended = meeting.decision === 'attend'
  const address = `/dashboard/meetings/${meeting.id}`
  return (
    <div class="actions">
      <ActionForm
        action={`${address}/${isAttended ? 'stop-bot' : 'send-bot'}/`}
        csrf={csrf}
        label={isAttended ? (meeting.startsAt <= now ? 'Ask the bot to leave' : 'Send no bot') : 'Send a bot'}
      />
      {meeting.wish === null || meeting.copies === 0 ? null : (
        <ActionForm action={`${address}/as-planned/`} csrf={csrf} label="As planned" />
      )}
    </div>
  )
}

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
  if (isAllDay) return <time datetime={startsAt.toISOString()}>{longDay(dayOf(startsAt, zone))}, all day</time>
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
