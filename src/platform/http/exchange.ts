import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Dispatchers } from './dispatchers.ts'
import type { HostMatcher } from './host-list.ts'
import { connectionError, httpError } from './http-errors.ts'
import { type Guard, needsGuard, readUrl, refusePrivateLiteral } from './url-guard.ts'

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])
// All others may hold a secret meant for the first origin alone; services use many names for theirs.
const HEADERS_FOR_ANY_ORIGIN = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent', 'range'])

export interface ExchangeDeps {
  dispatchers: Dispatchers
  isAllowedPrivate: HostMatcher
  isProxied: HostMatcher
}

export interface Exchange {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
  guard: Guard
  /** Besides those that every request may reach. */
  isAllowedPrivate: HostMatcher
  maxRedirects: number
  signal: AbortSignal
}

/** An answer whose body is still to be read, or to be dropped. */
export interface Answer {
  status: number
  headers: Headers
  url: URL
  stream: Readable
}

/**
 * Sends a request and follows redirects, each checked like the first address. With none allowed the redirect itself is the answer.
 * Only for GET and HEAD may redirects be allowed: a body meant for one place is not carried to another.
 */
export async function exchange(deps: ExchangeDeps, request: Exchange): Promise<Answer> {
  let { url, headers } = request
  for (let redirects = 0; ; redirects++) {
    const answer = await send(deps, { ...request, url, headers })
    const location = answer.headers.get('location')
    if (request.maxRedirects === 0 || !REDIRECT_STATUSES.has(answer.status) || location === null) return answer
    dropBody(answer)
    if (redirects === request.maxRedirects) {
      throw httpError(
        'http_too_many_redirects',
        request.url,
        `redirected more than ${redirects} times. Check the address.`,
      )
    }
    const next = readUrl(location, url)
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw httpError('http_bad_url', url, 'redirects from https to unprotected http, which is not followed.')
    }
    if (next.origin !== url.origin) headers = headersForAnyOrigin(headers)
    url = next
  }
}

/** Gives up an unread body and its connection. */
export function dropBody({ stream }: Answer): void {
  stream.on('error', () => {}).destroy()
}

async function send(deps: ExchangeDeps, request: Exchange): Promise<Answer> {
  const { url, method, headers, body, guard, signal } = request
  const isProxied = deps.isProxied(url)
  const isGuarded = needsGuard(url, guard, (host) => deps.isAllowedPrivate(host) || request.isAllowedPrivate(host))
  if (isGuarded) refusePrivateLiteral(url, isProxied)
  const { guarded, direct, proxied } = deps.dispatchers
  const dispatcher = isProxied && proxied ? proxied : isGuarded ? guarded : direct
  try {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      body: body ?? null,
      signal,
    })
    if (dispatcher === proxied && answer.statusCode === 407) {
      answer.body.on('error', () => {}).destroy()
      throw new Error('Proxy Authentication Required')
    }
    return { status: answer.statusCode, headers: readHeaders(answer.headers), url, stream: answer.body }
  } catch (error) {
    throw signal.aborted ? signal.reason : connectionError(url, error)
  }
}

function readHeaders(raw: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    for (const item of [value ?? []].flat()) headers.append(name, item)
  }
  return headers
}

function headersForAnyOrigin(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS_FOR_ANY_ORIGIN.has(name)))
}
