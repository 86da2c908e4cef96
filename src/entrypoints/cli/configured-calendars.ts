import type { App } from '../../app.ts'
import { connectByAddress } from '../../features/calendars/index.ts'

/** Connects the calendars of ICS_CALENDARS, or of the sandbox; one that cannot be connected never costs the others. */
export async function connectConfiguredCalendars(app: App): Promise<void> {
  for (const calendar of app.config.icsCalendars) {
    try {
      await connectByAddress(app, { provider: 'ics', ...calendar })
    } catch (error) {
      app.log.warn('A configured calendar cannot be connected', { owner: calendar.owner, error })
    }
  }
}
