import { describe, expect, test } from 'vitest'
import { createClientUnderTest, failureOf } from '../../../test/support/http-client.ts'
import { startHttpServer } from '../../../test/support/http-servers.ts'
import type { ResolvedAddress } from './lookup.ts'

// Global unicast that the IANA has given to nobody (2d00::/8), so that connecting to it cannot reach anyone.
const UNUSED_PUBLIC: ResolvedAddress = { address: '2d00::1', family: 6 }
const LOOPBACK: ResolvedAddress = { address: '127.0.0.1', family: 4 }

describe("a stranger's address", () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost:PORT/',
    'http://localhost.:PORT/',
  ])('%s is refused', async (address) => {
    const server = await startHttpServer((_, response) => response.end('inside'))
    const { client } = createClientUnderTest()
    const url = address.replace('PORT', String(server.port))
    expect(await failureOf(client.request({ url, guard: 'public' }))).toMatchObject({
      code: 'http_private_address',
      retry: 'never',
      message: expect.stringContaining('ALLOW_PRIVATE_HOSTS'),
    })
    expect(server.seen).toEqual([])
  })

  test('is refused if even one of the addresses of its name is private', async () => {
    const { client } = createClientUnderTest({ resolve: async () => [UNUSED_PUBLIC, LOOPBACK] })
    const request = client.request({ url: 'http://feeds.example/a', guard: 'public' })
    expect(await failureOf(request)).toMatchObject({ code: 'http_private_address' })
  })

  test('is connected to at the address that was checked: a name that changes between question and connection gets nowhere', async () => {
    const server = await startHttpServer((_, response) => response.end('inside'))
    const answers = [UNUSED_PUBLIC, LOOPBACK]
    const asked: string[] = []
    const { client } = createClientUnderTest({
      resolve: async (hostname) => {
        asked.push(hostname)
        return [answers[asked.length - 1] ?? LOOPBACK]
      },
    })
    const url = `http://rebind.example:${server.port}/`
    const first = await failureOf(client.request({ url, guard: 'public', retries: 0, timeoutMs: 300 }))
    expect(first.code).toMatch(/^http_(?:unreachable|timeout)$/)
    expect(asked).toEqual(['rebind.example'])
    expect(await failureOf(client.request({ url, guard: 'public' }))).toMatchObject({ code: 'http_private_address' })
    expect(server.seen).toEqual([])
  })

  test('may be private where an administrator allowed that very host, with that port', async () => {
    const server = await startHttpServer((request, response) => response.end(request.headers.host))
    const host = `feeds.example:${server.port}`
    const { client } = createClientUnderTest({ allowPrivateHosts: [host], resolve: async () => [LOOPBACK] })
    expect((await client.request({ url: `http://${host}/`, guard: 'public' })).text()).toBe(host)
    const other = client.request({ url: `http://other.example:${server.port}/`, guard: 'public' })
    expect(await failureOf(other)).toMatchObject({ code: 'http_private_address' })
  })

  test("does not get to use a connection that an administrator's address opened", async () => {
    const server = await startHttpServer((_, response) => response.end('inside'))
    const { client } = createClientUnderTest({ resolve: async () => [LOOPBACK] })
    const url = `http://intranet.example:${server.port}/`
    expect((await client.request({ url, guard: 'trusted' })).text()).toBe('inside')
    expect(await failureOf(client.request({ url, guard: 'public' }))).toMatchObject({ code: 'http_private_address' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('a redirect', () => {
  test.each([
    ['http://10.0.0.1/x', 'http_private_address'],
    ['http://rebind.example:PORT/', 'http_private_address'],
    ['//127.0.0.2:PORT/', 'http_private_address'],
    ['file:///etc/passwd', 'http_bad_url'],
    ['http://u:p@feeds.example:PORT/', 'http_bad_url'],
    ['http://[', 'http_bad_url'],
  ])('to %s is checked like the first address: %s', async (location, code) => {
    const server = await startHttpServer((_, response) => {
      response.writeHead(302, { location: location.replace('PORT', String(server.port)) }).end()
    })
    const host = `feeds.example:${server.port}`
    const { client } = createClientUnderTest({ allowPrivateHosts: [host], resolve: async () => [LOOPBACK] })
    expect(await failureOf(client.request({ url: `http://${host}/`, guard: 'public' }))).toMatchObject({ code })
    expect(server.seen).toHaveLength(1)
  })

  test('in a circle ends after the limit', async () => {
    const server = await startHttpServer((_, response) => response.writeHead(301, { location: '/again' }).end())
    const { client, waits } = createClientUnderTest()
    const error = await failureOf(client.request({ url: server.origin, guard: 'trusted' }))
    expect(error).toMatchObject({ code: 'http_too_many_redirects', retry: 'never' })
    expect([server.seen.length, waits]).toEqual([6, []])
  })

  test('is followed to the end, and secrets stay with the origin they were for', async () => {
    const target = await startHttpServer((_, response) => response.end('here'))
    const server = await startHttpServer((request, response) => {
      response.writeHead(307, { location: request.url === '/one' ? 'two' : `${target.origin}/three` }).end('moved')
    })
    const { client } = createClientUnderTest()
    const headers = { Authorization: 'Bearer s', Cookie: 'a=b', apikey: 's', Accept: 'text/calendar' }
    const answer = await client.request({ url: `${server.origin}/one`, headers, guard: 'trusted' })
    expect([answer.text(), answer.url]).toEqual(['here', `${target.origin}/three`])
    expect(server.seen).toMatchObject([
      { url: '/one' },
      { url: '/two', headers: { authorization: 'Bearer s', apikey: 's' } },
    ])
    expect(target.seen[0]?.headers).toMatchObject({ accept: 'text/calendar', 'user-agent': 'Rapporteur test' })
    expect(JSON.stringify(target.seen[0]?.headers)).not.toMatch(/authorization|cookie|apikey/)
  })

  test('is the answer itself when none is allowed, and always for a POST', async () => {
    const server = await startHttpServer((_, response) => response.writeHead(302, { location: '/x' }).end())
    const { client } = createClientUnderTest()
    const get = await client.request({ url: server.origin, maxRedirects: 0, guard: 'trusted' })
    const post = await client.request({ url: server.origin, method: 'POST', body: 'x', guard: 'trusted' })
    expect([get.status, post.status, server.seen.length]).toEqual([302, 302, 2])
  })
})
