import { faultsFor } from './calendar-faults.ts'
import { type Invitation, isWholeDays, type Timed, type WholeDays } from './invitation.ts'
import type { Colleague } from './organisation.ts'
import { calendarPath, Page } from './pages.tsx'

export interface PersonPageProps {
  person: Colleague
  invitations: readonly Invitation[]
  fault: string | null
  /** How many channels there are at Google for changes in this calendar. */
  watchers: number
}

/** One person's calendar with everything that can be done to it by hand. */
export function PersonPage({ person, invitations, fault, watchers }: PersonPageProps) {
  const base = `/people/${person.email}`
  return (
    <Page title={person.name}>
      {person.provider === 'google' ? (
        <p>
          Calendar: in the pretend Google.{' '}
          {watchers > 0 ? 'Whoever reads it is told of changes.' : 'Nobody has asked to be told of changes yet.'}
        </p>
      ) : (
        <p>
          Calendar: <a href={calendarPath(person)}>{calendarPath(person)}</a>, which is looked at every few minutes.
        </p>
      )}
      <FaultForm action={`${base}/fault`} fault={fault} faults={faultsFor(person)} />
      <h2>New meeting</h2>
      <NewMeetingForm action={`${base}/invitations`} />
      <h2>Meetings</h2>
      <p>Times in {person.timeZone}.</p>
      <ul>
        {invitations
          .toSorted((a, b) => startOf(a) - startOf(b))
          .map((invitation) => (
            <li>
              <InvitationItem person={person} invitation={invitation} base={base} />
            </li>
          ))}
      </ul>
    </Page>
  )
}

function FaultForm({ action, fault, faults }: { action: string; fault: string | null; faults: readonly string[] }) {
  return (
    <form method="post" action={action}>
      <label>
        What is wrong with this calendar
        <select name="fault">
          <option value="">nothing</option>
          {faults.map((name) => (
            <option value={name} selected={name === fault}>
              {name.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Set</button>
      <small>It shows with the next reading, which “Sync now” on Rapporteur’s page of the calendar brings about.</small>
    </form>
  )
}

function NewMeetingForm({ action }: { action: string }) {
  return (
    <form method="post" action={action}>
      <label>
        Title
        <input name="title" required maxlength={500} />
      </label>
      <label>
        Room, or a link
        <input name="location" placeholder="coffee" />
      </label>
      <label>
        Begins in minutes
        <input name="inMinutes" type="number" value="5" required />
      </label>
      <label>
        Lasts minutes
        <input name="lengthMinutes" type="number" value="15" min="1" required />
      </label>
      <label>
        Invites (addresses)
        <input name="invitees" />
      </label>
      <button type="submit">Invite</button>
    </form>
  )
}

function InvitationItem({ person, invitation, base }: { person: Colleague; invitation: Invitation; base: string }) {
  const isOrganizer = invitation.organizer.email === person.email
  const own = invitation.invitees.find((invitee) => invitee.email === person.email)
  const room = /^https?:\/\/[^/]+(\/rooms\/\S+)$/.exec(invitation.location ?? '')?.[1]
  const actions = [
    ...(isOrganizer && !isWholeDays(invitation.when) ? [['move', 'Move by 15 minutes']] : []),
    ...(isOrganizer && !invitation.isCancelled ? [['cancel', 'Cancel']] : []),
    ...(own && own.answer !== 'accepted' ? [['accept', 'Accept']] : []),
    ...(own && own.answer !== 'declined' ? [['decline', 'Decline']] : []),
    // At Google that is what cancelling does.
    ...(isOrganizer && person.provider === 'google' ? [] : [['delete', isOrganizer ? 'Delete' : 'Delete own copy']]),
  ]
  return (
    <form class="meeting" method="post" action={`${base}/invitations/${encodeURIComponent(invitation.uid)}`}>
      <span>
        <strong dir="auto">{invitation.title}</strong>
        <small>
          {describeTimes(invitation.when, person.timeZone)}
          {invitation.series ? `, ${describeRule(invitation.series.rule)}` : ''}
          {invitation.isCancelled ? ', cancelled' : ''}
          {own ? `, ${own.answer.replace('_', ' ')}` : ''}, by <span dir="auto">{invitation.organizer.name}</span>
          {room === undefined ? null : (
            <>
              {', '}
              <a href={room}>enter the room</a>
            </>
          )}
        </small>
      </span>
      {actions.map(([action, label]) => (
        <button type="submit" name="action" value={action}>
          {label}
        </button>
      ))}
    </form>
  )
}

/** FREQ=MINUTELY;INTERVAL=20 as "every 20 minutes"; of what else a rule says, that there is more. */
function describeRule(rule: string): string {
  const { FREQ = '', INTERVAL = '1', ...more } = Object.fromEntries(rule.split(';').map((part) => part.split('=')))
  const unit = units[FREQ] ?? FREQ.toLowerCase()
  const often = INTERVAL === '1' ? `every ${unit}` : `every ${INTERVAL} ${unit}s`
  return Object.keys(more).length === 0 ? often : `${often} (${rule})`
}

const units: Record<string, string> = {
  MINUTELY: 'minute',
  HOURLY: 'hour',
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
}

function describeTimes(when: Timed | WholeDays, timeZone: string): string {
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const
  if (isWholeDays(when)) {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...day })
    return `${format.formatRange(new Date(when.firstOn), new Date(when.lastOn))}, all day`
  }
  return new Intl.DateTimeFormat('en-GB', { timeZone, ...day, hour: '2-digit', minute: '2-digit' }).formatRange(
    when.startsAt,
    when.endsAt,
  )
}

function startOf({ when }: Invitation): number {
  return isWholeDays(when) ? Date.parse(when.firstOn) : when.startsAt.getTime()
}
