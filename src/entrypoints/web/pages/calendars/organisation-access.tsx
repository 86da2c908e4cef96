import { countOf } from '../../../../base/text.ts'
import type { DirectoryState, ProviderName, StandingAlarm } from '../../../../features/calendars/index.ts'
import { wordsOf } from '../../calendar-status.ts'
import { Banner, Facts } from '../../components/blocks.tsx'
import { Moment } from '../../components/times.tsx'
import type { ShownProvider } from '../../web-deps.ts'

/** What is wrong for everybody at once: one remark, however many calendars it concerns. */
export function OrganisationAlarms(props: {
  alarms: readonly StandingAlarm[]
  /** How many calendars of a provider there are. */
  countOfProvider(provider: string): number
  zone: string
  now: Date
}) {
  const { alarms, countOfProvider, zone, now } = props
  if (alarms.length === 0) return null
  return (
    <Banner tone="bad">
      {alarms.map(({ provider, raisedAt, message }) => {
        const affected = countOfProvider(provider)
        return (
          <p role="alert">
            <strong>{wordsOf(provider).label} lets nobody in</strong> since{' '}
            <Moment at={raisedAt} zone={zone} now={now} />. {message} {countOf(affected, 'calendar')}{' '}
            {affected === 1 ? 'keeps' : 'keep'} what was last read, and no meeting is dropped. It is tried again every
            minute and goes on by itself.
          </p>
        )
      })}
    </Banner>
  )
}

/** A provider that lets us in for the whole organisation, as the page shows it. */
export interface ShownOrganisation {
  provider: ProviderName
  shown: ShownProvider
  directory: DirectoryState | undefined
  /** Calendars that are read on its word. */
  delegated: number
}

interface OrganisationAccessProps {
  organisations: readonly ShownOrganisation[]
  pilotUsers: number
  zone: string
  now: Date
}

/** How the organisation's calendars are reached as a whole; nothing where no provider lets us in for it. */
export function OrganisationAccess({ organisations, pilotUsers, zone, now }: OrganisationAccessProps) {
  return (
    <>
      {organisations.map(({ provider, shown, directory, delegated }) => {
        const { label, directory: words } = wordsOf(provider)
        const listsPeople = shown.directory?.people !== undefined
        const people = listsPeople ? 'the people of the domain' : 'the people in PILOT_USERS'
        const limit = listsPeople && pilotUsers > 0 ? ', those in PILOT_USERS only' : ''
        const facts = [
          ['Calendars', `${delegated.toLocaleString('en-GB')}, of ${people}${limit}, through the ${words?.way}`],
          ['People read', <DirectoryReading directory={directory} zone={zone} now={now} />],
          [
            'Notices',
            shown.push?.address ??
              'none: without a public https address calendars are looked at every few minutes (SITE_URL)',
          ],
        ] as const
        return (
          <section aria-labelledby={`organisation-${provider}`}>
            <h2 id={`organisation-${provider}`}>The organisation{organisations.length > 1 ? ` at ${label}` : ''}</h2>
            <Facts facts={facts} />
          </section>
        )
      })}
    </>
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
