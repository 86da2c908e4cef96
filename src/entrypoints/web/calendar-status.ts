import {
  type Calendar,
  type CalendarHealth,
  type ChannelOverview,
  isProviderName,
  type ProviderWords,
  providerNamed,
} from '../../features/calendars/index.ts'
import type { Status } from './status.ts'
import type { WebDeps } from './web-deps.ts'

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
  calendar: Pick<Calendar, 'provider' | 'failureMessage' | 'stateReason'>,
): string | null {
  switch (health) {
    case 'failing':
      return calendar.failureMessage ?? 'The last attempt failed without a reason.'
    case 'late':
      return 'Its turn has passed and nothing read it. Is a worker running?'
    case 'disconnected':
    case 'released':
      return explainDisconnection(wordsOf(calendar.provider), calendar.stateReason ?? '')
    case 'unread':
      return 'It is read within a minute, if a worker runs.'
    case 'fresh':
      return null
  }
}

function explainDisconnection({ label, lost }: ProviderWords, reason: string): string {
  const released: Record<string, string> = {
    person_suspended: `Its owner is suspended at ${label}. It is read again once they are back.`,
    person_archived: `Its owner is archived at ${label}. It is read again once they are back.`,
    person_left: 'Its owner is not in the domain any more.',
    person_not_selected: 'Its owner is not among the people whose calendars are to be connected (PILOT_USERS).',
    removed: 'It was removed.',
  }
  return released[reason] ?? lost?.[reason] ?? 'It is not read any more. Connect it again, or remove it.'
}

/** How pages speak of the provider of a row, which another version may have stored. */
export function wordsOf(provider: string): ProviderWords {
  return isProviderName(provider)
    ? providerNamed(provider).words
    : { label: provider, calendar: 'calendar', knownBy: 'address' }
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

/** A channel over which nothing has come by then was opened to an address that its provider cannot reach. */
const PROOF_WITHIN_MS = 5 * 60_000

/** Whether the provider of a calendar can send notices to us. */
export function canSendNotices({ providers }: Pick<WebDeps, 'providers'>, provider: string): boolean {
  return isProviderName(provider) && providers[provider].push?.address !== undefined
}

/** How changes in a calendar are noticed; `push` is undefined for a kind that sends no notices. */
export function noticesOf(
  push: ChannelOverview | undefined,
  { hasAddress, now }: { hasAddress: boolean; now: Date },
): Notices {
  if (!push) return { status: sometimes, reason: null }
  const { channel, failureMessage, stoppedAt, isRefused, silentSince } = push
  const { label } = wordsOf(push.provider)
  if (channel && channel.expiresAt > now) {
    if (silentSince) return { status: broken, reason: explainSilence(label) }
    if (channel.lastDeliveryAt) return { status: atOnce, reason: failureMessage }
    const isNew = now.getTime() - channel.createdAt.getTime() < PROOF_WITHIN_MS
    return isNew
      ? { status: notYet, reason: `${label} was asked for notices of changes just now.` }
      : { status: broken, reason: `No notice of ${label} has reached us. Can the address be reached from outside?` }
  }
  if (!hasAddress)
    return { status: sometimes, reason: `There is no public address to which ${label} could send notices.` }
  if (stoppedAt) return { status: sometimes, reason: 'Somebody stopped its notices.' }
  if (failureMessage) return { status: isRefused ? sometimes : broken, reason: failureMessage }
  return { status: sometimes, reason: null }
}

function explainSilence(label: string): string {
  return `${label} opened a channel for notices, and none comes when something changes. It is looked at every quarter of an hour until one does.`
}

/** What a calendar is called, where that says more than whose it is: some providers call most like their owners. */
export function ownNameOf({ name, ownerEmail }: Pick<Calendar, 'name' | 'ownerEmail'>): string | null {
  return name === ownerEmail ? null : name
}
