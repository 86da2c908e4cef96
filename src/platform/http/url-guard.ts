import type { HostMatcher } from './host-list.ts'
import { httpError } from './http-errors.ts'
import { isLocalName, isLoopback, isPublicAddress, literalAddress } from './public-address.ts'
import { parseUrl } from './redact-url.ts'

/** Who chose an address: `public` a stranger, so that it must not lead into our network; `trusted` the administrator. */
export type Guard = 'public' | 'trusted'

/** Reads an address, or one relative to another. Throws `http_bad_url` for any but http and https, and for credentials inside. */
export function readUrl(text: string | URL, base?: URL): URL {
  const url = parseUrl(String(text), base)
  if (!url)
    throw httpError('http_bad_url', String(text), 'is not a web address. It must begin with https:// or http://.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw httpError('http_bad_url', url, 'cannot be asked. Only addresses with https:// or http:// can.')
  }
  if (url.username || url.password) {
    throw httpError(
      'http_bad_url',
      url,
      'has a user name or password inside, which is not supported. Take it out of the address.',
    )
  }
  url.hash = ''
  return url
}

/**
 * Refuses what the address alone shows to be private. Where a proxy resolves the names (`isProxied`) that is all we can see, so
 * names that only mean something inside a network are refused too. Throws `http_private_address`.
 */
export function refusePrivateLiteral(url: URL, isProxied: boolean): void {
  const { hostname } = url
  const literal = literalAddress(hostname)
  const isPrivate = literal ? !isPublicAddress(literal) : isLoopback(hostname) || (isProxied && isLocalName(hostname))
  if (isPrivate) throw privateAddress(hostname)
}

/** The error for a host that leads into a private network. Made where only the host is known, so that it can name no more. */
export function privateAddress(hostname: string): Error {
  return httpError(
    'http_private_address',
    `http://${hostname}`,
    'leads to a private network, and addresses given by others may not. An administrator can allow the host with ALLOW_PRIVATE_HOSTS.',
  )
}

/** Whether this request must be kept out of private networks. */
export function needsGuard(url: URL, guard: Guard, isAllowedPrivate: HostMatcher): boolean {
  return guard === 'public' && !isAllowedPrivate(url)
}
