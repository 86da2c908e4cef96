import ipaddr from 'ipaddr.js'

const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]
const WELL_KNOWN_NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96]

/** Whether an IP address (v4 or v6, as text) belongs to the public internet. What cannot be read does not. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  return address instanceof ipaddr.IPv6 ? isPublicIpv6(address) : isPublicIpv4(address)
}

function isPublicIpv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast'
}

function isPublicIpv6(address: ipaddr.IPv6): boolean {
  const bytes = address.toByteArray()
  // These only carry an IPv4 address; a translator on the way would deliver to that one.
  if (address.range() === 'ipv4Mapped') return isPublicIpv4(new ipaddr.IPv4(bytes.slice(12)))
  if (address.range() === '6to4') return isPublicIpv4(new ipaddr.IPv4(bytes.slice(2, 6)))
  if (address.match(WELL_KNOWN_NAT64)) return isPublicIpv4(new ipaddr.IPv4(bytes.slice(12)))
  // Only 2000::/3 is given out; the library calls everything unicast that it does not know.
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST)
}

/** Whether a host name can only mean this machine or this network. For when a proxy resolves names and we cannot look. */
export function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  return !name.includes('.') || /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa)$/.test(name)
}

/** The IP address that a URL's hostname is, without brackets; undefined if it is a name. */
export function literalAddress(hostname: string): string | undefined {
  const text = hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(text) ? text : undefined
}

/** Whether a URL's hostname is this machine, as a name or as an address. */
export function isLoopback(hostname: string): boolean {
  const literal = literalAddress(hostname)
  if (literal) return ipaddr.process(literal).range() === 'loopback'
  return /^(?:.+\.)?localhost\.?$/i.test(hostname)
}
