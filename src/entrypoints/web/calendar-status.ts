import type { Calendar, CalendarHealth, ChannelOverview } from '../../features/calendars/index.ts'
import type { Status } from './status.ts'

/** The state of a calendar as pages say it. */
export const calendarStatuses: Record<CalendarHealth, Status> = {
  fresh: { word: 'Connected', shape: 'ticked-circle', role: 'good' },
  unread: { word: 'Not read yet', shape: 'hollow-circle', role: 'neutral' },
  late: { word: 'Late', shape: 'filled-diamond', role: 'warn' },
  failing: { word: 'Failing', shape: 'crossed-square', role: 'bad' },
  disconnected: { word: 'Disconnected', shape: 'minus-circle', role: 'warn' },
  released: { word: 'Released', shape: 'struck-circle', role: 'neutral' },
}

/** Why a calendar is in its state, and what to do; null where all is well. */
export function explainHealth(
  health: CalendarHealth,
  calendar: { failureMessage: string | null; stateReason: string | null },
): string | null {
  switch (health) {
    case 'failing':
      return calendar.failureMessage ?? 'The last attempt failed without a reason.'
    case 'late':
      return 'Its turn has passed and nothing read it. Is a worker running?'
    case 'disconnected':
    case 'released':
      return disconnections[calendar.stateReason ?? ''] ?? 'It is not read any more. Connect it again, or remove it.'
    case 'unread':
      return 'It is read within a minute, if a worker runs.'
    case 'fresh':
      return null
  }
}

const disconnections: Record<string, string> = {
  person_suspended: 'Its owner is suspended at Google. It is read again once they are back.',
  person_archived: 'Its owner is archived at Google. It is read again once they are back.',
  person_left: 'Its owner is not in the domain any more.',
  person_not_selected: 'Its owner is not among the people whose calendars are to be connected (PILOT_USERS).',
  user_gone: 'Google knows no such person any more: deleted, suspended or renamed. It is read again if they come back.',
  no_calendar: 'This account has no Google Calendar. Give it a licence with Calendar, or leave it out.',
  consent_withdrawn: 'The permission to read it was withdrawn or ran out. Its owner has to connect it again.',
  access_refused: 'Google refuses access to it. It is tried again from time to time, and goes on by itself.',
  removed: 'It was removed.',
}

const providers: Record<string, string> = { ics: 'ICS', google: 'Google' }

export function providerLabel(provider: string): string {
  return providers[provider] ?? provider
}

/** How soon changes in a calendar are seen. */
interface Notices {
  status: Status
  /** Why not at once, and what to do; null where all is well. */
  reason: string | null
}

const atOnce: Status = { word: 'At once', shape: 'ticked-circle', role: 'good' }
const sometimes: Status = { word: 'From time to time', shape: 'hollow-circle', role: 'neutral' }
const notYet: Status = { word: 'Not proven yet', shape: 'quarter-circle', role: 'active' }
const broken: Status = { word: 'From time to time', shape: 'filled-diamond', role: 'warn' }

/** A channel over which nothing has come by then was opened to an address that Google cannot reach. */
const PROOF_WITHIN_MS = 5 * 60_000

const SILENT =
  'Google opened a channel for notices, and none comes when something changes. It is looked at every quarter of an hour until one does.'

/** How changes in a calendar are noticed; `push` is undefined for a kind that sends no notices. */
export function noticesOf(
  push: ChannelOverview | undefined,
  { hasAddress, now }: { hasAddress: boolean; now: Date },
): Notices {
  if (!push) return { status: sometimes, reason: null }
  const { channel, failureMessage, stoppedAt, isRefused, silentSince } = push
  if (channel && channel.expiresAt > now) {
    if (silentSince) return { status: broken, reason: SILENT }
    if (channel.lastDeliveryAt) return { status: atOnce, reason: failureMessage }
    const isNew = now.getTime() - channel.createdAt.getTime() < PROOF_WITHIN_MS
    return isNew
      ? { status: notYet, reason: 'Google was asked for notices of changes just now.' }
      : { status: broken, reason: 'No notice of Google has reached us. Can the address be reached from outside?' }
  }
  if (!hasAddress)
    return { status: sometimes, reason: 'There is no public address to which Google could send notices.' }
  if (stoppedAt) return { status: sometimes, reason: 'Somebody stopped its notices.' }
  if (failureMessage) return { status: isRefused ? sometimes : broken, reason: failureMessage }
  return { status: sometimes, reason: null }
}

/** What a calendar is called, where that says more than whose it is: Google calls most like their owners. */
export function ownNameOf({ name, ownerEmail }: Pick<Calendar, 'name' | 'ownerEmail'>): string | null {
  return name === ownerEmail ? null : name
}
