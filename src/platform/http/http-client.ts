import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock } from '../../base/clock.ts'
import { isAppError } from '../../base/errors.ts'
import { type AttemptDeps, attemptUntilAnswered } from './attempts.ts'
import { startDeadline } from './deadline.ts'
import { createDispatchers } from './dispatchers.ts'
import { exactHosts, noProxyHosts } from './host-list.ts'
import type { HttpResponse } from './http-response.ts'
import { type ResolveHost, resolveHost } from './lookup.ts'
import { isLoopback } from './public-address.ts'
import { ACCEPTED_ENCODINGS } from './read-body.ts'
import { redactUrl } from './redact-url.ts'
import { type Guard, readUrl } from './url-guard.ts'

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024
const DEFAULT_GET_RETRIES = 2
const DEFAULT_GET_REDIRECTS = 5

export interface HttpRequest {
  url: string | URL
  /** GET if not given. */
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** For everything together: retries, waits, redirects, body. 30,000 if not given. */
  timeoutMs?: number
  /** How large the decoded body may be. 10 MiB if not given. */
  maxBytes?: number
  /** Further attempts after a failed connection or a status such as 503. 2 for GET and HEAD, else 0: only for what may arrive twice. */
  retries?: number
  /** `public` for an address chosen by a stranger, `trusted` for one chosen by the administrator or by us. */
  guard: Guard
  /** Besides `allowPrivateHosts`, and written as they are: hosts of private networks that this request may reach, whoever leads to them. */
  privateHosts?: readonly string[]
  /** 5 for GET and HEAD; never followed for other methods. With 0 the redirect itself is the answer. */
  maxRedirects?: number
  /** Aborting rejects with its reason. */
  signal?: AbortSignal
}

/** The one way out to other servers. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Sends a request and reads the whole answer. Every status is an answer; throws an `AppError` with an `HttpErrorCode` if there is
   * none. Neither messages nor logs contain the query, the credentials or the full path.
   */
  request(request: HttpRequest): Promise<HttpResponse>
}

export interface HttpClientOptions {
  /** Hosts of private networks that `public` requests may reach, written exactly, with a port or without. */
  allowPrivateHosts: readonly string[]
  /** http:// or https:// address of a proxy for all requests except to this machine and `noProxy`. */
  proxyUrl?: string | undefined
  /** As the variable NO_PROXY. */
  noProxy?: string | undefined
  userAgent: string
  clock?: Clock
  log?: { debug(message: string, fields: Record<string, unknown>): void }
  metrics?: { countHttpCall(call: { guard: string; outcome: string; durationMs: number }): void }
  /** The three below are for tests. */
  resolve?: ResolveHost
  wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
  random?: () => number
}

/** Creates the client; disposing of it ends its connections and the requests on them. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const clock = options.clock ?? systemClock
  const dispatchers = createDispatchers(options.resolve ?? resolveHost, options.proxyUrl)
  const isExempt = noProxyHosts(options.noProxy ?? '')
  const deps: AttemptDeps = {
    dispatchers,
    isAllowedPrivate: exactHosts(options.allowPrivateHosts),
    // Stand-ins on this machine are never meant for the proxy, which would look for them on its own.
    isProxied: (url) => dispatchers.proxied !== undefined && !isLoopback(url.hostname) && !isExempt(url),
    clock,
    wait: options.wait ?? ((ms, signal) => sleep(ms, undefined, { signal })),
    random: options.random ?? Math.random,
  }

  return {
    request: async (request) => {
      const startedAt = clock.now().getTime()
      const report = (outcome: string) => {
        const durationMs = clock.now().getTime() - startedAt
        const method = request.method ?? 'GET'
        options.metrics?.countHttpCall({ guard: request.guard, outcome, durationMs })
        options.log?.debug('HTTP request', { method, address: redactUrl(request.url), outcome, durationMs })
      }
      try {
        const response = await requestWithin(deps, request, options.userAgent)
        report(String(response.status))
        return response
      } catch (error) {
        report(isAppError(error) ? error.code : 'aborted')
        throw error
      }
    },
    [Symbol.asyncDispose]: () => dispatchers.destroy(),
  }
}

async function requestWithin(deps: AttemptDeps, request: HttpRequest, userAgent: string): Promise<HttpResponse> {
  const url = readUrl(request.url)
  const method = (request.method ?? 'GET').toUpperCase()
  const isRead = method === 'GET' || method === 'HEAD'
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const deadline = startDeadline(url, timeoutMs, request.signal)
  try {
    return await attemptUntilAnswered(deps, {
      url,
      method,
      headers: { 'user-agent': userAgent, 'accept-encoding': ACCEPTED_ENCODINGS, ...lowerCaseNames(request.headers) },
      body: request.body,
      guard: request.guard,
      isAllowedPrivate: exactHosts(request.privateHosts ?? []),
      maxRedirects: isRead ? (request.maxRedirects ?? DEFAULT_GET_REDIRECTS) : 0,
      maxBytes: request.maxBytes ?? DEFAULT_MAX_BYTES,
      retries: request.retries ?? (isRead ? DEFAULT_GET_RETRIES : 0),
      givesUpAt: new Date(deps.clock.now().getTime() + timeoutMs),
      signal: deadline.signal,
    })
  } finally {
    deadline.stop()
  }
}

function lowerCaseNames(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
