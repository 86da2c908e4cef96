import ipaddr from 'ipaddr.js'
import { literalAddress } from './public-address.ts'

/** Whether a URL's host is meant by a list of hosts. */
export type HostMatcher = (url: URL) => boolean

/** Matches exact hosts only: `intranet.example`, `10.0.0.5:8443`, `[::1]`. With a port, only that one. */
export function exactHosts(entries: readonly string[]): HostMatcher {
  const hosts = entries.map(parseHost)
  return (url) => hosts.some(({ name, port }) => name === nameOf(url) && (port === undefined || port === portOf(url)))
}

/**
 * Matches as NO_PROXY does elsewhere: separated by commas or spaces, `*` for all, a name for itself and all names below it (with a
 * leading dot or `*.` too), an address or a block of them, each optionally with a port.
 */
export function noProxyHosts(list: string): HostMatcher {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '')
  if (entries.includes('*')) return () => true
  const matchers = entries.map(noProxyEntry)
  return (url) => matchers.some((matches) => matches(url))
}

function noProxyEntry(entry: string): HostMatcher {
  if (ipaddr.isValidCIDR(entry)) {
    const [network, bits] = ipaddr.parseCIDR(entry)
    return (url) => {
      const literal = literalAddress(url.hostname)
      const address = literal === undefined ? undefined : ipaddr.process(literal)
      return address !== undefined && address.kind() === network.kind() && address.match(network, bits)
    }
  }
  const { name, port } = parseHost(entry.replace(/^\*?\./, ''))
  return (url) =>
    (nameOf(url) === name || nameOf(url).endsWith(`.${name}`)) && (port === undefined || port === portOf(url))
}

function parseHost(entry: string): { name: string; port: string | undefined } {
  const text = entry.trim().toLowerCase()
  if (ipaddr.IPv6.isValid(text)) return { name: canonical(`[${text}]`), port: undefined }
  const [, name = text, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? []
  return { name: canonical(name), port }
}

// An address can be written in many ways and a URL has only one of them.
function canonical(name: string): string {
  return (URL.parse(`http://${name}/`)?.hostname ?? name).replace(/\.$/, '')
}

function nameOf(url: URL): string {
  return url.hostname.replace(/\.$/, '')
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80')
}
