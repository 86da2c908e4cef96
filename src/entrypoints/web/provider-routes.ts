import { type ProviderName, providerNamed, providerNames } from '../../features/calendars/index.ts'
import { finishConsent, redirectOldConsent, showConnected, startConsent } from './pages/consent/consent-routes.ts'
import type { Route } from './route.ts'
import { receiveNoticesOf } from './webhooks/provider-notices.ts'

/** The addresses that each provider needs for what it has, with its name in them. */
export const providerRoutes: readonly Route[] = providerNames.flatMap((name) => [
  ...consentRoutes(name),
  ...noticeRoutes(name),
])

function consentRoutes(name: ProviderName): Route[] {
  if (!providerNamed(name).words.consent) return []
  return [
    { method: 'GET', path: `/dashboard/auth/${name}`, caller: 'public', handle: startConsent(name) },
    { method: 'GET', path: `/dashboard/auth/${name}/callback`, caller: 'public', handle: finishConsent(name) },
    { method: 'GET', path: `/dashboard/auth/${name}/connected`, caller: 'public', handle: showConnected(name) },
    { method: 'GET', path: `/auth/${name}`, caller: 'public', handle: redirectOldConsent(name) },
    { method: 'GET', path: `/auth/${name}/callback`, caller: 'public', handle: redirectOldConsent(name) },
  ]
}

/** Under whatever name a provider was given this server. */
function noticeRoutes(name: ProviderName): Route[] {
  const { notices } = providerNamed(name)
  if (!notices) return []
  const handle = receiveNoticesOf(notices)
  return notices.paths.map((path) => ({ method: 'POST', path, caller: 'webhook', anyHost: true, handle }))
}
