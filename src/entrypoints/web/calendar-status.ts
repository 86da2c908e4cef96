import type { CalendarHealth } from '../../features/calendars/index.ts'
import type { Status } from './status.ts'

/** The state of a calendar as pages say it. */
export const calendarStatuses: Record<CalendarHealth, Status> = {
  fresh: { word: 'Connected', shape: 'ticked-circle', role: 'good' },
  unread: { word: 'Not read yet', shape: 'hollow-circle', role: 'neutral' },
  late: { word: 'Late', shape: 'filled-diamond', role: 'warn' },
  failing: { word: 'Failing', shape: 'crossed-square', role: 'bad' },
  disconnected: { word: 'Disconnected', shape: 'minus-circle', role: 'warn' },
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
      return calendar.stateReason ?? 'It is not read any more. Connect it again, or remove it.'
    case 'unread':
      return 'It is read within a minute, if a worker runs.'
    case 'fresh':
      return null
  }
}

const providers: Record<string, string> = { ics: 'ICS' }

export function providerLabel(provider: string): string {
  return providers[provider] ?? provider
}
