import type { HttpClient } from '../../../platform/http/index.ts'
import type { ProviderName } from '../calendar.ts'
import type { GoogleApi } from './google/google-api.ts'
import { createGoogleProvider } from './google/index.ts'
import { createIcsProvider } from './ics/index.ts'
import type { CalendarProvider } from './provider.ts'

// Who speaks to Google besides the sync (the directory, the doctor) enters here too.
export { CALENDAR_SCOPES, DIRECTORY_SCOPES, GROUP_SCOPES } from './google/access.ts'
export type { GoogleRates } from './google/call-budget.ts'
export type { GoogleApi } from './google/google-api.ts'
export { createGoogleClient, forgetSpentGrants } from './google/index.ts'
export { listProviderAlarms, type ProviderAlarm } from './google/provider-alarm-store.ts'
export { type TrialDeps, tryNotices, tryScope } from './google/try-delegation.ts'

export type Providers = Record<ProviderName, CalendarProvider>

/** Every provider by name; the type makes sure that none is missing. */
export function createProviders({ http, google }: { http: HttpClient; google: GoogleApi }): Providers {
  return { ics: createIcsProvider({ http }), google: createGoogleProvider({ api: google }) }
}

/** The providers that say by themselves when a calendar changes. */
export function listPushingProviders(providers: Providers): ProviderName[] {
  return (Object.keys(providers) as ProviderName[]).filter((name) => providers[name].push !== null)
}
