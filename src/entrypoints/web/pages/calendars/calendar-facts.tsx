import type { Calendar, CalendarHealth, ChannelOverview } from '../../../../features/calendars/index.ts'
import { noticesOf, wordsOf } from '../../calendar-status.ts'
import { Facts, Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { Moment } from '../../components/times.tsx'

interface CalendarFactsProps {
  calendar: Calendar
  health: CalendarHealth
  push: ChannelOverview | undefined
  hasNoticeAddress: boolean
  zone: string
  now: Date
}

/** What is known of one calendar: whose it is, how it is reached, when it was read, and how changes in it are noticed. */
export function CalendarFacts({ calendar, health, push, hasNoticeAddress: hasAddress, zone, now }: CalendarFactsProps) {
  const moment = (at: Date | null) => <Moment at={at} zone={zone} now={now} />
  const isConnected = health !== 'disconnected' && health !== 'released'
  const facts = [
    ['Owner', <Foreign text={calendar.ownerEmail} />],
    ['Read from', <Foreign text={`${wordsOf(calendar.provider).label}, ${accessOf(calendar)}`} />],
    ['Last success', moment(calendar.lastSuccessAt)],
    ['Last try', moment(calendar.lastAttemptAt)],
    ['Next look', isConnected ? moment(calendar.nextSyncAt) : '—'],
    ['Last change', moment(calendar.lastChangeAt)],
    ['Time zone', calendar.timeZone ?? 'not said'],
    ...(push && isConnected ? noticeFacts(push, noticesOf(push, { hasAddress, now }), moment) : []),
  ] as const
  return <Facts facts={facts} />
}

function accessOf({ provider, access, addressLabel }: Calendar): string {
  if (access === 'service_account') return `through the organisation’s ${wordsOf(provider).directory?.way}`
  return access === 'oauth' ? 'by its owner’s consent' : addressLabel
}

function noticeFacts(
  push: ChannelOverview,
  notices: ReturnType<typeof noticesOf>,
  moment: (at: Date | null) => ReturnType<typeof Moment>,
) {
  const { channel, lastNoticeAt, lostCount, lastLostAt, nextTryAt, failureMessage } = push
  return [
    [
      'Changes seen',
      <>
        <StatusMark status={notices.status} />
        {notices.reason === null ? null : <small>{notices.reason}</small>}
      </>,
    ],
    ['Last notice', moment(lastNoticeAt)],
    ...(channel ? [['Renewal', moment(channel.renewAt)] as const] : []),
    ...(!channel && failureMessage !== null ? [['Next try', moment(nextTryAt)] as const] : []),
    ...(lostCount === 0
      ? []
      : [
          [
            'Notices lost',
            <>
              {lostCount.toLocaleString('en-GB')}, the last one {moment(lastLostAt)}
              <small>Each was found by looking, within the hour.</small>
            </>,
          ] as const,
        ]),
  ] as const
}
