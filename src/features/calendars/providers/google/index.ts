import type { Provider } from '../provider.ts'
import { checkGoogle } from './google-checks.ts'
import { createGoogleClient, forgetSpentGrants } from './google-client.ts'
import { createGoogleConsent } from './google-consent.ts'
import { createGoogleDirectory } from './google-directory.ts'
import { createGoogleProvider } from './google-provider.ts'
import { createGooglePush } from './google-push.ts'
import { noticeAddressOf, redirectUriOf } from './own-addresses.ts'
import { googleNotices } from './read-notice.ts'

/** Google Calendar: of a whole Google Workspace through a service account, or of one person by consent. */
export const google: Provider = {
  words: {
    label: 'Google',
    calendar: 'Google Calendar',
    knownBy: 'owner',
    lost: {
      user_gone:
        'Google knows no such person any more: deleted, suspended or renamed. It is read again if they come back.',
      no_calendar: 'This account has no Google Calendar. Give it a licence with Calendar, or leave it out.',
      consent_withdrawn: 'The permission to read it was withdrawn or ran out. Its owner has to connect it again.',
      access_refused: 'Google refuses access to it. It is tried again from time to time, and goes on by itself.',
    },
    notices: { setting: 'GOOGLE_CALENDAR_WEBHOOK_URL' },
    consent: {
      settings: 'GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET',
      withdrawal: 'take away our access in your Google account, under Security',
    },
    directory: {
      missing:
        'GOOGLE_SERVICE_ACCOUNT_KEY is not set: the key of a service account with domain-wide delegation, as JSON or base64 of it.',
      setUp: 'For everybody in a Google Workspace at once, set GOOGLE_SERVICE_ACCOUNT_KEY and GOOGLE_ADMIN_EMAIL',
      everybody: 'GOOGLE_ADMIN_EMAIL',
      kept: `The key of the service account is read from GOOGLE_SERVICE_ACCOUNT_KEY at each start and stored nowhere: to change it, change the
  setting and start again.`,
      way: 'service account',
    },
  },
  notices: googleNotices,
  check: checkGoogle,
  open(parts) {
    const { db, http, clock, config, secrets } = parts
    const api = createGoogleClient(parts)
    const client = secrets.googleOauthClient
    const { addresses, adminEmail } = config.google
    return {
      ...createGoogleProvider({ api }),
      push: createGooglePush(api, noticeAddressOf(config)),
      ...(secrets.googleServiceAccount ? { directory: createGoogleDirectory(api, adminEmail) } : {}),
      ...(client
        ? { consent: createGoogleConsent({ http, client, addresses, redirectUri: redirectUriOf(parts) }) }
        : {}),
      forgetSpent: () => forgetSpentGrants(db, clock),
    }
  },
}
