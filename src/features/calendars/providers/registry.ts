import type { HttpClient } from '../../../platform/http/index.ts'
import type { ProviderName } from '../calendar.ts'
import { createIcsProvider } from './ics/index.ts'
import type { CalendarProvider } from './provider.ts'

// Who speaks to Google besides the sync (channels, directory) enters here too.
export { CALENDAR_SCOPES, type GoogleAccess } from './google/access.ts'
export type { GoogleApi } from './google/google-api.ts'
export { createGoogleClient, forgetSpentGrants } from './google/index.ts'

export type Providers = Record<ProviderName, CalendarProvider>

/** Every provider by name; the type makes sure that none is missing. */
export function createProviders(deps: { http: HttpClient }): Providers {
  return { ics: createIcsProvider(deps) }
}
