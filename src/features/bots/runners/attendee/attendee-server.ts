import type { Config, Secrets } from '../../../../platform/config/index.ts'

/** An Attendee server as the settings have it. */
export interface AttendeeServer {
  url: URL
  apiKey: string
  /** Where it is to send its notices; none where it cannot reach us, or we could not tell that they are its own. */
  webhookUrl: string | undefined
  /** Further private hosts at which it keeps recordings. */
  storageHosts: readonly string[]
}

/** The Attendee server of an installation; undefined where there is none. */
export function attendeeServerOf(
  {
    attendeeApiUrl: url,
    attendeeStorageHosts: storageHosts,
    server,
  }: Pick<Config, 'attendeeApiUrl' | 'attendeeStorageHosts' | 'server'>,
  { attendeeApiKey: apiKey, attendeeWebhookSecret: secret }: Pick<Secrets, 'attendeeApiKey' | 'attendeeWebhookSecret'>,
): AttendeeServer | undefined {
  if (url === undefined || apiKey === undefined) return undefined
  const isReachable = server.siteUrl?.protocol === 'https:' && secret !== undefined
  const webhookUrl = isReachable ? `${server.siteUrl?.origin}/dashboard/webhook/attendee/` : undefined
  return { url, apiKey, webhookUrl, storageHosts }
}
