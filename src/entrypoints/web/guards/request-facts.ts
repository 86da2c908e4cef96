import { isIP } from 'node:net'
import type { ServerFacts } from '../web-deps.ts'
import { type AddressList, isLoopbackAddress } from './address-list.ts'

/** What is known about where a request comes from and whom it addresses. */
export interface RequestFacts {
  /** Origin under which the caller sees us; undefined where the Host header is not ours. */
  origin: string | undefined
  /**
   * Whether the caller is taken for a program of this machine. Never where there is a SITE_URL: a proxy on this machine may add no header and
   * call us by a loopback name, and then nothing tells a stranger from somebody here.
   */
  isLocal: boolean
  /** Who called, as far as proxies that are trusted say it; of IPv6 the network, since one caller has all of its addresses. */
  clientAddress: string
}

interface RawRequest {
  headers: Headers
  peerAddress: string | undefined
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
const FORWARDING = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Judges a request by its Host header and its peer; X-Forwarded-* count only from trusted proxies. */
export function readRequestFacts(
  raw: RawRequest,
  server: Pick<ServerFacts, 'siteUrl' | 'port'>,
  trusted: AddressList,
): RequestFacts {
  const isProxied = raw.peerAddress !== undefined && trusted.has(raw.peerAddress)
  const forwarded = (name: string) => (isProxied ? lastOf(raw.headers.get(name)) : undefined)
  const host = forwarded('x-forwarded-host') ?? raw.headers.get('host') ?? ''
  const origin = originOf(host, forwarded('x-forwarded-proto') === 'https' ? 'https:' : 'http:', server, isProxied)
  const isDirect = !FORWARDING.some((name) => raw.headers.has(name)) && !isProxied
  const isLoopbackHost = origin !== undefined && LOOPBACK_HOSTS.has(new URL(origin).hostname)
  return {
    origin,
    isLocal: server.siteUrl === undefined && isDirect && isLoopbackHost && isLoopbackAddress(raw.peerAddress),
    clientAddress: networkOf(clientOf(raw, trusted)),
  }
}

/** The last address on the way that no trusted proxy has; what stands before it came from the caller. */
function clientOf({ headers, peerAddress = '' }: RawRequest, trusted: AddressList): string {
  if (!trusted.has(peerAddress)) return peerAddress
  const way = (headers.get('x-forwarded-for') ?? '').split(',').map((address) => address.trim())
  return way.findLast((address) => isIP(address) !== 0 && !trusted.has(address)) ?? peerAddress
}

function networkOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (v4 !== undefined || isIP(address) !== 6) return v4 ?? address
  const [head = '', tail = ''] = (
    URL.parse(`http://[${address.split('%', 1)[0]}]/`)?.hostname.slice(1, -1) ?? address
  ).split('::')
  const [before, after] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''))
  const groups = [
    ...(before ?? []),
    ...Array(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0'),
    ...(after ?? []),
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}

function originOf(
  host: string,
  protocol: 'http:' | 'https:',
  server: Pick<ServerFacts, 'siteUrl' | 'port'>,
  isProxied: boolean,
): string | undefined {
  if (!/^[a-z0-9.:[\]-]+$/i.test(host)) return undefined
  const { siteUrl } = server
  // A proxy that ends TLS need not say so: SITE_URL knows how the caller came.
  if (siteUrl && URL.parse(`${siteUrl.protocol}//${host}`)?.host === siteUrl.host) return siteUrl.origin
  const asked = URL.parse(`${protocol}//${host}`)
  if (!asked || !LOOPBACK_HOSTS.has(asked.hostname)) return undefined
  const port = Number(asked.port || (protocol === 'https:' ? 443 : 80))
  return port === server.port() || isProxied ? asked.origin : undefined
}

/** What the proxy next to us wrote: it appends, and what stands before came from the caller. */
function lastOf(header: string | null): string | undefined {
  return header?.split(',').at(-1)?.trim() || undefined
}
