import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createClientUnderTest, failureOf } from '../../../test/support/http-client.ts'
import { startHttpServer, startProxy } from '../../../test/support/http-servers.ts'
import { createHttpClient } from './http-client.ts'

// Made for these tests, for secure.example and 127.0.0.1, until 2126; nothing else trusts it.
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqzCCAVKgAwIBAgIUP1FYe6gEqHo9PyvB67faKq+C7cswCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPcmFwcG9ydGV1ciB0ZXN0MCAXDTI2MTEyMjIwNTk0OVoYDzIx
MjYxMDI5MjA1OTQ5WjAaMRgwFgYDVQQDDA9yYXBwb3J0ZXVyIHRlc3QwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARZh6b9oxbavYyThTIOGMQHBhZQar3xes7iYG4D
9skjcz91ktqQ/aWQrs1zNM/ghxUKWI2gj9lZjx9xt+srZx/io3QwcjAdBgNVHQ4E
FgQUEHHKt/yHkJV3D1rNVF9gMxP9TGQwHwYDVR0jBBgwFoAUEHHKt/yHkJV3D1rN
VF9gMxP9TGQwDwYDVR0TAQH/BAUwAwEB/zAfBgNVHREEGDAWgg5zZWN1cmUuZXhh
bXBsZYcEfwAAATAKBggqhkjOPQQDAgNHADBEAiA3s9FhF7dKKUJd0s7mLSkS5EUq
Sm4FvvQhezMHHVKU5gIgenmwiX3w1spl6XVzqJfE6h/Va2M1imO6mic89zkeyIo=
-----END CERTIFICATE-----
`
const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh50iRKN7QHJXyVdx
6aTB1T3EKEZufqrnE0tKIy/wryShRANCAARZh6b9oxbavYyThTIOGMQHBhZQar3x
es7iYG4D9skjcz91ktqQ/aWQrs1zNM/ghxUKWI2gj9lZjx9xt+srZx/i
-----END PRIVATE KEY-----
`

const resolve = async () => [{ address: '127.0.0.1', family: 4 }]

async function startTlsServer(location?: string): Promise<number> {
  const server = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (_, response) => {
    if (location) response.writeHead(302, { location })
    response.end('secure')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Does in this process what NODE_EXTRA_CA_CERTS does at its start. */
function trustTestCertificate(): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, CERTIFICATE])
  onTestFinished(() => setDefaultCACertificates(before))
}

describe('https', () => {
  test('with a certificate nobody trusts is refused, and the message says what to set', async () => {
    const url = `https://secure.example:${await startTlsServer()}/`
    const { client } = createClientUnderTest({ resolve })
    expect(await failureOf(client.request({ url, guard: 'trusted' }))).toMatchObject({
      code: 'http_unreachable',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  test('with an own certificate works once that is trusted, for its names only', async () => {
    trustTestCertificate()
    const port = await startTlsServer()
    const { client } = createClientUnderTest({ resolve })
    expect((await client.request({ url: `https://secure.example:${port}/`, guard: 'trusted' })).text()).toBe('secure')
    const other = client.request({ url: `https://other.example:${port}/`, guard: 'trusted' })
    expect(await failureOf(other)).toMatchObject({ code: 'http_unreachable' })
  })

  test('that redirects to http is refused', async () => {
    trustTestCertificate()
    const open = await startHttpServer((_, response) => response.end('open'))
    const url = `https://secure.example:${await startTlsServer(`${open.origin}/`)}/`
    const { client } = createClientUnderTest({ resolve })
    expect(await failureOf(client.request({ url, guard: 'trusted' }))).toMatchObject({ code: 'http_bad_url' })
    expect(open.seen).toEqual([])
  })
})

describe('with a proxy', () => {
  const neverAsked = async () => expect.fail('names are for the proxy to find')

  test('http goes through it as a whole address and https through a tunnel, and it finds the names', async () => {
    trustTestCertificate()
    const proxy = await startProxy()
    const port = await startTlsServer()
    const { client } = createClientUnderTest({ proxyUrl: proxy.origin, resolve: neverAsked })
    const plain = await client.request({ url: 'http://feeds.example/a?b=1', guard: 'public' })
    expect(plain.text()).toBe('forwarded http://feeds.example/a?b=1')
    const secure = await client.request({ url: `https://secure.example:${port}/`, guard: 'public' })
    expect(secure.text()).toBe('secure')
    expect(proxy.seen).toMatchObject([
      { method: 'GET', url: 'http://feeds.example/a?b=1', headers: { host: 'feeds.example' } },
      { method: 'CONNECT', url: `secure.example:${port}` },
    ])
  })

  test('its user name and password are sent to it, also when they hold odd characters', async () => {
    trustTestCertificate()
    const proxy = await startProxy({ authorization: `Basic ${Buffer.from('anna:p@ss:wörd').toString('base64')}` })
    const proxyUrl = proxy.origin.replace('//', `//anna:${encodeURIComponent('p@ss:wörd')}@`)
    const { client } = createClientUnderTest({ proxyUrl })
    const secure = client.request({ url: `https://secure.example:${await startTlsServer()}/`, guard: 'public' })
    expect((await secure).text()).toBe('secure')
    expect((await client.request({ url: 'http://feeds.example/', guard: 'public' })).status).toBe(200)
  })

  test.each(['http://feeds.example/', 'https://feeds.example/'])(
    'that wants a password, %s is unreachable and the message says so',
    async (url) => {
      const proxy = await startProxy({ authorization: 'Basic other' })
      const { client } = createClientUnderTest({ proxyUrl: proxy.origin })
      expect(await failureOf(client.request({ url, guard: 'public', retries: 0 }))).toMatchObject({
        code: 'http_unreachable',
        message: expect.stringContaining('the proxy wants a user name and password'),
      })
    },
  )

  test('that refuses the host, the message says so', async () => {
    const proxy = await startProxy({ refuses: 403 })
    const { client } = createClientUnderTest({ proxyUrl: proxy.origin })
    const request = client.request({ url: 'https://feeds.example/', guard: 'public', retries: 0 })
    expect(await failureOf(request)).toMatchObject({
      code: 'http_unreachable',
      message: expect.stringContaining('the proxy refused to connect to it (status 403)'),
    })
  })

  test.each([
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://localhost/',
    'http://metadata/',
    'http://metadata.google.internal/',
  ])('%s is still refused to a stranger', async (url) => {
    const proxy = await startProxy()
    const { client } = createClientUnderTest({ proxyUrl: proxy.origin })
    expect(await failureOf(client.request({ url, guard: 'public' }))).toMatchObject({ code: 'http_private_address' })
    expect(proxy.seen).toEqual([])
  })

  test('this machine and what NO_PROXY lists are reached without it, guarded as ever', async () => {
    const proxy = await startProxy()
    const server = await startHttpServer((_, response) => response.end('direct'))
    const { client } = createClientUnderTest({ proxyUrl: proxy.origin, noProxy: 'corp.example', resolve })
    for (const origin of [server.origin, `http://localhost:${server.port}`, `http://hub.corp.example:${server.port}`]) {
      expect((await client.request({ url: origin, guard: 'trusted' })).text()).toBe('direct')
      expect(await failureOf(client.request({ url: origin, guard: 'public' }))).toMatchObject({
        code: 'http_private_address',
      })
    }
    expect(proxy.seen).toEqual([])
  })

  test('whose address is none, the client is not made', () => {
    const options = { allowPrivateHosts: [], userAgent: 'x' }
    expect(() => createHttpClient({ ...options, proxyUrl: 'proxy:3128' })).toThrow(/HTTPS_PROXY/)
    expect(() => createHttpClient({ ...options, proxyUrl: 'socks5://proxy:1080' })).toThrow(/HTTPS_PROXY/)
  })
})
