import type { App } from '../../src/app.ts'
import { type PeopleDeps, type Providers, providerNames } from '../../src/features/calendars/index.ts'
import type { GoogleApi } from '../../src/features/calendars/providers/google/google-api.ts'
import { createGoogleClient } from '../../src/features/calendars/providers/google/google-client.ts'
import { createGoogleDirectory } from '../../src/features/calendars/providers/google/google-directory.ts'
import type { CalendarProvider } from '../../src/features/calendars/providers/provider.ts'

/** Providers of which nobody asks anything. */
export function createIdleProviders(): Providers {
  const refuse = () => {
    throw new Error('No provider is asked here')
  }
  const asked = { identify: refuse, listChanges: refuse, listAll: refuse, expand: refuse }
  const idle: CalendarProvider = { ...asked, whyLost: () => undefined, pollMs: () => 60_000 }
  return Object.fromEntries(providerNames.map((name) => [name, idle])) as Providers
}

/** The way to Google of an installation. */
export function googleApiOf(app: App): GoogleApi {
  return createGoogleClient({ ...app, decrypt: app.sync.decrypt })
}

/** The people of an installation, listed at Google for an administrator, or not at all. */
export function peopleAtGoogle(
  app: App,
  { adminEmail, api = googleApiOf(app) }: { adminEmail: string | undefined; api?: GoogleApi },
): PeopleDeps {
  const { google, ...others } = app.people.providers
  const directory = createGoogleDirectory(api, adminEmail)
  return { ...app.people, providers: { ...others, google: { ...google, directory } } }
}
