import type { Config } from './config.ts'

/** Where Google is told to send notices of changes. It delivers over https only; without such an address calendars are looked at from time to time. */
export function noticeAddressOf({ google, server }: Pick<Config, 'google' | 'server'>): string | undefined {
  if (google.webhookUrl) return google.webhookUrl.href
  const { siteUrl } = server
  return siteUrl?.protocol === 'https:' ? `${siteUrl.origin}/dashboard/webhook/google-calendar/` : undefined
}
