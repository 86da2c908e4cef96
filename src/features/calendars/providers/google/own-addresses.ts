import type { Config, Secrets } from '../../../../platform/config/index.ts'

type Facts = Pick<Config, 'google' | 'server'>

/** Where Google is told to send notices of changes. It delivers over https only; without such an address calendars are looked at from time to time. */
export function noticeAddressOf({ google, server }: Facts): string | undefined {
  if (google.webhookUrl) return google.webhookUrl.href
  const { siteUrl } = server
  return siteUrl?.protocol === 'https:' ? `${siteUrl.origin}/dashboard/webhook/google-calendar/` : undefined
}

/** Where Google sends people back to; undefined where only their browser knows how we are called. */
export function redirectUriOf({ config, secrets }: { config: Facts; secrets: Secrets }): URL | undefined {
  const { siteUrl } = config.server
  return secrets.googleOauthClient?.redirectUri ?? (siteUrl && new URL('/dashboard/auth/google/callback/', siteUrl))
}
