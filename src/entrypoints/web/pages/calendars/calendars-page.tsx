import { countOf } from '../../../../base/text.ts'
import {
  type CalendarOverview,
  healthOf,
  listCalendarOverviews,
  listChannelOverviews,
  listProviderAlarms,
  type ProviderName,
  providerNamed,
  providerNames,
  readCalendarTotals,
  readDirectoryState,
} from '../../../../features/calendars/index.ts'
import { readAttention } from '../../attention.ts'
import { canSendNotices } from '../../calendar-status.ts'
import { EmptyState } from '../../components/blocks.tsx'
import { readZone } from '../../read-query.ts'
import { renderPage } from '../../render-page.tsx'
import type { WebContext } from '../../route.ts'
import type { WebDeps } from '../../web-deps.ts'
import { ConnectCommand } from '../day/day-states.tsx'
import { CalendarTable } from './calendar-table.tsx'
import { OrganisationAccess, OrganisationAlarms, type ShownOrganisation } from './organisation-access.tsx'

const MAX_CALENDARS = 500

/** Every calendar with how its reading goes; those that need somebody come first. */
export async function showCalendars(c: WebContext, deps: WebDeps): Promise<Response> {
  const zone = readZone(c, deps)
  const now = deps.clock.now()
  const [all, totals, attention, channels, alarms] = await Promise.all([
    listCalendarOverviews(deps.db, now),
    readCalendarTotals(deps.db),
    readAttention(deps),
    listChannelOverviews(deps.db),
    listProviderAlarms(deps.db),
  ])
  const owner = c.req.query('owner')?.trim().toLowerCase() ?? ''
  const chosen = all.filter((calendar) => calendar.ownerEmail.includes(owner))
  const sorted = chosen.toSorted((a, b) => urgencyOf(a, now) - urgencyOf(b, now))
  const organisations = await readOrganisations(deps, all)
  const consenting = providerNames.filter((name) => deps.providers[name].consent)
  return renderPage(
    c,
    deps,
    { title: 'Calendars', current: 'calendars', attention: attention.count, zone },
    <>
      <div class="head">
        <h1>Calendars</h1>
        {all.length > MAX_CALENDARS || owner !== '' ? <OwnerSearch owner={owner} /> : null}
      </div>
      <OrganisationAlarms
        alarms={alarms}
        countOfProvider={(name) => all.filter(({ provider }) => provider === name).length}
        zone={zone}
        now={now}
      />
      {all.length === 0 ? (
        <NoCalendar
          organisations={organisations}
          pilotUsers={deps.pilotUsers}
          consenting={consenting}
          wasEver={totals.ever > 0}
        />
      ) : (
        <>
          <p class="verdict">{summaryOf(all, now)}</p>
          {sorted.length === 0 ? (
            <EmptyState title="No calendar of such an owner">
              <p>
                <a href="/dashboard/calendars/">Show all {all.length.toLocaleString('en-GB')}</a>
              </p>
            </EmptyState>
          ) : (
            <CalendarTable
              calendars={sorted.slice(0, MAX_CALENDARS)}
              channels={new Map(channels.map((channel) => [channel.calendarId, channel]))}
              canSendNotices={(provider) => canSendNotices(deps, provider)}
              zone={zone}
              now={now}
            />
          )}
          {sorted.length > MAX_CALENDARS ? (
            <p class="muted">
              The first {MAX_CALENDARS} of {sorted.length.toLocaleString('en-GB')} are shown, those that need somebody
              first. Search for an owner to see others.
            </p>
          ) : null}
          <p class="muted">
            Calendars are only read, never written to.{' '}
            {consenting.map((name) => (
              <>
                <a href={`/dashboard/auth/${name}/`}>Connect your own {providerNamed(name).words.label} calendar</a>, or{' '}
              </>
            ))}
            {consenting.length > 0 ? 'add' : 'Add'} one with <code>npx rapporteur calendar add ics …</code>; take one
            away with <code>npx rapporteur calendar remove ID</code>.
          </p>
        </>
      )}
      <OrganisationAccess organisations={organisations} pilotUsers={deps.pilotUsers} zone={zone} now={now} />
    </>,
  )
}

function OwnerSearch({ owner }: { owner: string }) {
  return (
    <form class="days" method="get" action="/dashboard/calendars/">
      <label class="hidden" for="owner">
        Owner
      </label>
      <input type="search" id="owner" name="owner" value={owner} placeholder="Owner" />
      <button type="submit">Search</button>
    </form>
  )
}

/** The providers that let us in for the whole organisation, with how that goes. */
async function readOrganisations(deps: WebDeps, all: readonly CalendarOverview[]): Promise<ShownOrganisation[]> {
  const names = providerNames.filter((name) => deps.providers[name].directory)
  return await Promise.all(
    names.map(async (provider) => ({
      provider,
      shown: deps.providers[provider],
      directory: await readDirectoryState(deps.db, provider),
      delegated: all.filter(
        (one) => one.provider === provider && one.access === 'service_account' && one.state === 'connected',
      ).length,
    })),
  )
}

interface NoCalendarProps {
  organisations: readonly ShownOrganisation[]
  pilotUsers: number
  consenting: readonly ProviderName[]
  wasEver: boolean
}

/** What stands in the place of calendars where there are none: the ways to get some, the one that is set up first. */
function NoCalendar({ organisations, pilotUsers, consenting, wasEver }: NoCalendarProps) {
  const awaited = organisations.filter(({ shown }) => shown.directory?.people !== undefined || pilotUsers > 0)
  const isWaiting = awaited.length > 0
  if (isWaiting && !wasEver) {
    return (
      <EmptyState title="Your people’s calendars are on their way">
        <p>
          They are connected within five minutes, if a worker runs, and nothing is attended until you say so. To do it
          now:
        </p>
        <pre>
          <code>npx rapporteur setup-pilot-calendars --sync</code>
        </pre>
        <p>
          If none appears, <code>npx rapporteur doctor</code> says what is missing at{' '}
          {awaited.map(({ provider }) => providerNamed(provider).words.label).join(' and ')}.
        </p>
      </EmptyState>
    )
  }
  return (
    <EmptyState title={wasEver ? 'No calendar is connected any more' : 'Connect a calendar'}>
      {consenting.map((name) => (
        <p>
          <a class="button" href={`/dashboard/auth/${name}/`}>
            Connect your {providerNamed(name).words.label} calendar
          </a>
        </p>
      ))}
      <p>Calendars are only read, never written to. Give the address of one, or a file:</p>
      <ConnectCommand />
      {providerNames.map((name) => {
        const { directory } = providerNamed(name).words
        return directory ? (
          <p>
            {directory.setUp}; <code>npx rapporteur doctor</code> says what else is needed.
          </p>
        ) : null
      })}
    </EmptyState>
  )
}

/** What needs somebody comes first, what nobody has to do anything about last. */
function urgencyOf(calendar: CalendarOverview, now: Date): number {
  const health = healthOf(calendar, now)
  if (health === 'released') return 2
  return health === 'fresh' || health === 'unread' ? 1 : 0
}

function summaryOf(all: readonly CalendarOverview[], now: Date): string {
  const calendars = all.filter((calendar) => healthOf(calendar, now) !== 'released')
  const fresh = calendars.filter((calendar) => healthOf(calendar, now) === 'fresh').length
  if (fresh === calendars.length) {
    return calendars.length === 1
      ? 'The one calendar is up to date.'
      : `All ${calendars.length.toLocaleString('en-GB')} calendars are up to date.`
  }
  return `${fresh.toLocaleString('en-GB')} of ${countOf(calendars.length, 'calendar')} ${fresh === 1 ? 'is' : 'are'} up to date.`
}
