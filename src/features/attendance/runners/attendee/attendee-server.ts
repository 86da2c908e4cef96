import type { AttendeeSettings, BotImage, Config, Secrets } from '../../../../platform/config/index.ts'

/** An Attendee server as the settings have it. */
export interface AttendeeServer {
  url: URL
  apiKey: string
  /** Where it is to send its notices; none where it cannot reach us, or we could not tell that they are its own. */
  webhookUrl: string | undefined
  /** Further private hosts at which it keeps recordings. */
  storageHosts: readonly string[]
  /** What every bot is ordered with besides. */
  settings?: AttendeeSettings | undefined
  image?: BotImage | undefined
}

/** The Attendee server of an installation; undefined where there is none. */
export function attendeeServerOf(
  { server }: Pick<Config, 'server'>,
  { attendee }: Pick<Secrets, 'attendee'>,
): AttendeeServer | undefined {
  if (attendee === undefined) return undefined
  const { webhookSecret, ...access } = attendee
  const isReachable = server.siteUrl?.protocol === 'https:' && webhookSecret !== undefined
  const webhookUrl = isReachable ? `${server.siteUrl?.origin}/dashboard/webhook/attendee/` : undefined
  return { ...access, webhookUrl }
}
