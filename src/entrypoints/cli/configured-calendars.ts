import type { App } from '../../app.ts'
import { connectIcsCalendar } from '../../features/calendars/index.ts'

/** Connects the calendars of ICS_CALENDARS, or of the sandbox; one that cannot be connected never costs the others. */
export async function connectConfiguredCalendars(
  app: App,
  calendars: readonly { owner: string; address: string; name?: string }[],
): Promise<void> {
  for (const calendar of calendars) {
    try {
      await connectIcsCalendar(app, calendar)
    } catch (error) {
      app.log.warn('A configured calendar cannot be connected', { owner: calendar.owner, error })
    }
  }
}
