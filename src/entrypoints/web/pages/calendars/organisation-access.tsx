import { countOf } from '../../../../base/text.ts'
import type { DirectoryState, ProviderAlarm } from '../../../../features/calendars/index.ts'
import { Banner, Facts } from '../../components/blocks.tsx'
import { Moment } from '../../components/times.tsx'
import type { GoogleFacts } from '../../web-deps.ts'

/** What is wrong for everybody at once: one remark, however many calendars it concerns. */
export function OrganisationAlarms(props: {
  alarms: readonly ProviderAlarm[]
  affected: number
  zone: string
  now: Date
}) {
  const { alarms, affected, zone, now } = props
  if (alarms.length === 0) return null
  return (
    <Banner tone="bad">
      {alarms.map((alarm) => (
        <p role="alert">
          <strong>Google lets nobody in</strong> since <Moment at={alarm.raisedAt} zone={zone} now={now} />.{' '}
          {alarm.message} {countOf(affected, 'calendar')} {affected === 1 ? 'keeps' : 'keep'} what was last read, and no
          meeting is dropped. It is tried again every minute and goes on by itself.
        </p>
      ))}
    </Banner>
  )
}

interface OrganisationAccessProps {
  google: GoogleFacts
  directory: DirectoryState | undefined
  /** Calendars that are read through the service account. */
  delegated: number
  zone: string
  now: Date
}

/** How the organisation's calendars are reached as a whole; nothing where no service account is set up. */
export function OrganisationAccess({ google, directory, delegated, zone, now }: OrganisationAccessProps) {
  if (!google.hasServiceAccount) return null
  const people = google.adminEmail === undefined ? 'the people in PILOT_USERS' : 'the people of the domain'
  const limit = google.adminEmail !== undefined && google.pilotUsers > 0 ? ', those in PILOT_USERS only' : ''
  const facts = [
    ['Calendars', `${delegated.toLocaleString('en-GB')}, of ${people}${limit}, through the service account`],
    ['People read', <DirectoryReading directory={directory} zone={zone} now={now} />],
    [
      'Notices',
      google.noticeAddress ??
        'none: without a public https address calendars are looked at every few minutes (SITE_URL)',
    ],
  ] as const
  return (
    <section aria-labelledby="organisation">
      <h2 id="organisation">The organisation</h2>
      <Facts facts={facts} />
    </section>
  )
}

function DirectoryReading(props: { directory: DirectoryState | undefined; zone: string; now: Date }) {
  const { directory, zone, now } = props
  if (!directory) return <>not yet; it happens within five minutes, if a worker runs</>
  return (
    <>
      <Moment at={directory.lastSuccessAt} zone={zone} now={now} />
      {directory.failureMessage === null ? null : (
        <small>
          The last try, <Moment at={directory.lastAttemptAt} zone={zone} now={now} />, failed:{' '}
          {directory.failureMessage} Nobody is connected or released until it succeeds.
        </small>
      )}
    </>
  )
}
