import { expect, test } from 'vitest'
import { parseAddressList } from './address-list.ts'
import { readRequestFacts } from './request-facts.ts'

const server = { siteUrl: undefined, port: () => 8000 }

function clientOf(peerAddress: string, forwardedFor?: string, trusted: string[] = ['10.0.0.0/8']) {
  const headers = new Headers(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor })
  return readRequestFacts({ headers, peerAddress }, server, parseAddressList(trusted)).clientAddress
}

test.each([
  ['who connects, where no proxy is trusted', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['who a trusted proxy says', '10.0.0.5', '198.51.100.1', '198.51.100.1'],
  [
    'the last that no trusted proxy has, not what the caller wrote before',
    '10.0.0.5',
    '1.2.3.4, 198.51.100.1, 10.0.0.7',
    '198.51.100.1',
  ],
  ['the proxy itself, where it says nothing that is an address', '10.0.0.5', 'unknown', '10.0.0.5'],
  ['an IPv4 address, also through an IPv6 socket', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
  ['the network of an IPv6 address', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['the network of a short one', '2001:db8::1', undefined, '2001:db8:0:0::/64'],
])('the caller is %s', (_what, peer, forwardedFor, client) => {
  expect(clientOf(peer, forwardedFor)).toBe(client)
})
