import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { AppError } from '../../base/errors.ts'
import { guardedLookup, type ResolveHost, socketLookup } from './lookup.ts'

const CONNECT_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS_PER_ORIGIN = 64
// One deadline covers the whole request, so undici's own for headers and body are off.
const LIMITS = { connections: MAX_CONNECTIONS_PER_ORIGIN, headersTimeout: 0, bodyTimeout: 0, allowH2: false }

/**
 * The pools of connections. Guarded and direct ones are apart, so that a connection into the private network, opened for an
 * administrator's address, is never taken for a stranger's.
 */
export interface Dispatchers {
  guarded: Dispatcher
  direct: Dispatcher
  proxied: Dispatcher | undefined
  destroy(): Promise<void>
}

export function createDispatchers(resolve: ResolveHost, proxyUrl: string | undefined): Dispatchers {
  const connect = { timeout: CONNECT_TIMEOUT_MS }
  const guarded = new Agent({ ...LIMITS, connect: { ...connect, lookup: guardedLookup(resolve) } })
  const direct = new Agent({ ...LIMITS, connect: { ...connect, lookup: socketLookup(resolve) } })
  const proxied = proxyUrl ? createProxyAgent(proxyUrl) : undefined
  return {
    guarded,
    direct,
    proxied,
    destroy: async () => {
      await Promise.all([guarded.destroy(), direct.destroy(), proxied?.destroy()])
    },
  }
}

function createProxyAgent(proxyUrl: string): ProxyAgent {
  const url = URL.parse(proxyUrl)
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AppError(
      'http_bad_proxy',
      'The proxy address is not usable. HTTPS_PROXY must look like http://proxy.example:3128, with user:password@ before the host if needed.',
    )
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return new ProxyAgent({
    ...LIMITS,
    uri: url.origin,
    // Tunnels for https only: many proxies allow CONNECT to port 443 alone.
    proxyTunnel: false,
    proxyTls: { timeout: CONNECT_TIMEOUT_MS },
    ...(credentials === ':' ? {} : { token: `Basic ${Buffer.from(credentials).toString('base64')}` }),
  })
}
