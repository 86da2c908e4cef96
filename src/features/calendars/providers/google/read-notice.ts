import type { NoticeReader } from '../provider.ts'

/**
 * A notice from Google that something changed in a calendar: there is nothing in its body
 * (developers.google.com/workspace/calendar/api/guides/push, read November 2026).
 */
export const googleNotices: NoticeReader = {
  // Under whatever name GOOGLE_CALENDAR_WEBHOOK_URL gives this server; the second is calendar-app's address.
  paths: ['/dashboard/webhook/google-calendar', '/webhook/google-calendar'],
  async read({ header }) {
    const channelId = header('x-goog-channel-id')
    const resourceId = header('x-goog-resource-id')
    const state = header('x-goog-resource-state')
    if (!channelId || !resourceId || !state) {
      const message = 'This address takes notices of Google Calendar; their X-Goog- headers are missing.'
      return { kind: 'unreadable', message }
    }
    const secret = header('x-goog-channel-token')
    return {
      kind: 'notices',
      notices: [{ channelId, secret, resourceId, kind: state === 'sync' ? 'sync' : 'changed' }],
    }
  },
}
