import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createClientUnderTest, failureOf } from '../../../test/support/http-client.ts'
import { startHttpServer, startRawServer } from '../../../test/support/http-servers.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'

describe('an answer', () => {
  test('comes with status, headers, final address and body, and any status is one', async () => {
    const server = await startHttpServer((_, response) => {
      response.writeHead(404, { etag: '"1"', 'content-type': 'text/plain' }).end('grüße')
    })
    const { client } = createClientUnderTest()
    const answer = await client.request({ url: `${server.origin}/a?b=1#c`, guard: 'trusted' })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('ETag')).toBe('"1"')
    expect(answer.url).toBe(`${server.origin}/a?b=1`)
    expect(answer.text()).toBe('grüße')
    expect(answer.bytes()).toHaveLength(7)
    expect(server.seen).toMatchObject([{ method: 'GET', url: '/a?b=1', headers: { 'user-agent': 'Rapporteur test' } }])
  })

  test('is read in the character set it says it has', async () => {
    const server = await startHttpServer((request, response) => {
      const charset = request.url === '/odd' ? 'martian' : 'iso-8859-1'
      response.setHeader('content-type', `text/calendar; charset="${charset}"`).end(Buffer.from('caf\u00e9', 'latin1'))
    })
    const { client } = createClientUnderTest()
    expect((await client.request({ url: server.origin, guard: 'trusted' })).text()).toBe('café')
    expect((await client.request({ url: `${server.origin}/odd`, guard: 'trusted' })).text()).toBe('caf\ufffd')
  })

  test('to a POST gets the body and headers across, and is not asked for twice', async () => {
    let received = ''
    const server = await startHttpServer(async (request, response) => {
      for await (const chunk of request) received += chunk
      response.writeHead(503).end()
    })
    const { client, waits } = createClientUnderTest()
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer x' }
    const answer = await client.request({
      url: server.origin,
      method: 'post',
      headers,
      body: '{"a":1}',
      guard: 'trusted',
    })
    expect([answer.status, received, waits]).toEqual([503, '{"a":1}', []])
    expect(server.seen).toMatchObject([
      { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer x' } },
    ])
  })
})

describe('encodings', () => {
  const text = 'BEGIN:VCALENDAR '.repeat(500)

  test.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['br, GZIP', gzipSync(brotliCompressSync(text))],
    ['identity', Buffer.from(text)],
  ])('%s is decoded', async (encoding, body) => {
    const server = await startHttpServer((_, response) => response.setHeader('content-encoding', encoding).end(body))
    const { client } = createClientUnderTest()
    expect((await client.request({ url: server.origin, guard: 'trusted' })).text()).toBe(text)
  })

  test('a small body that decodes to a huge one is given up at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const server = await startHttpServer((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb))
    const { client } = createClientUnderTest()
    const error = await failureOf(client.request({ url: server.origin, maxBytes: 1_000_000, guard: 'trusted' }))
    expect(error).toMatchObject({ code: 'http_too_large', retry: 'never' })
  })

  test('an unknown, a repeated or a false encoding is refused', async () => {
    const server = await startHttpServer((request, response) => {
      response
        .setHeader('content-encoding', decodeURIComponent(request.url?.slice(1) ?? ''))
        .end('neither packed nor anything else')
    })
    const { client } = createClientUnderTest()
    for (const encoding of ['zstd', 'gzip,gzip,gzip', 'gzip', 'br']) {
      const url = `${server.origin}/${encodeURIComponent(encoding)}`
      expect(await failureOf(client.request({ url, guard: 'trusted' }))).toMatchObject({ code: 'http_undecodable' })
    }
  })

  test('a packed body that stops early is truncated, and one that is empty is empty', async () => {
    const server = await startHttpServer((request, response) => {
      const body = request.url === '/empty' ? '' : gzipSync(text).subarray(0, 30)
      response.setHeader('content-encoding', 'gzip').end(body)
    })
    const { client } = createClientUnderTest()
    const cut = client.request({ url: server.origin, guard: 'trusted' })
    expect(await failureOf(cut)).toMatchObject({ code: 'http_truncated', retry: 'later' })
    expect((await client.request({ url: `${server.origin}/empty`, guard: 'trusted' })).bytes()).toHaveLength(0)
  })
})

describe('trouble', () => {
  test.each([['content-length: 1000\r\n\r\nonly this'], ['transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n']])(
    'a connection that closes in the middle of a body is truncated: %j',
    async (rest) => {
      const server = await startRawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
      const { client, waits } = createClientUnderTest()
      expect(await failureOf(client.request({ url: server.origin, guard: 'trusted' }))).toMatchObject({
        code: 'http_truncated',
        retry: 'later',
      })
      expect(waits).toEqual([250, 500])
      expect(server.seen).toHaveLength(3)
    },
  )

  test('an endless body is given up at the limit', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const more = () => {
        while (socket.writable && socket.write('x'.repeat(65_536)));
      }
      socket.on('drain', more)
      more()
    })
    const { client } = createClientUnderTest()
    const error = await failureOf(client.request({ url: server.origin, maxBytes: 200_000, guard: 'trusted' }))
    expect(error).toMatchObject({ code: 'http_too_large', retry: 'never' })
  })

  test.each([
    ['no answer at all', ''],
    ['a body that never ends', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart'],
    ['a redirect whose body never ends', 'HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 9\r\n\r\n'],
  ])('%s ends at the deadline, which is not tried again', async (_, bytes) => {
    const server = await startRawServer((socket) => socket.write(bytes))
    const { client, waits } = createClientUnderTest()
    const request = { url: `${server.origin}/feed/s3cret?token=s3cret`, timeoutMs: 100, maxRedirects: 0 }
    const error = await failureOf(client.request({ ...request, guard: 'trusted' }))
    expect(error).toMatchObject({ code: 'http_timeout', retry: 'later' })
    expect(error.message).toBe(
      `${server.origin}/feed/… did not answer completely within 0.1 s. Trying again later may help.`,
    )
    expect(waits).toEqual([])
  })

  test('nobody listening, no such name and something that is not HTTP are unreachable, and say which', async () => {
    const server = await startRawServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    const { client } = createClientUnderTest({
      resolve: async () => {
        throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })
      },
    })
    for (const [url, message] of [
      ['http://127.0.0.1:1/', /refused the connection/],
      ['http://feeds.example/', /name is not known \(ENOTFOUND\)/],
      [server.origin, /did not answer in HTTP/],
    ] as const) {
      const error = await failureOf(client.request({ url, retries: 0, guard: 'trusted' }))
      expect(error).toMatchObject({ code: 'http_unreachable', retry: 'later', message: expect.stringMatching(message) })
    }
  })

  test.each(['ftp://h.example/x', 'file:///etc/passwd', 'https://u:s3cret@h.example/', 'no address s3cret', 'http://'])(
    '%s is not asked',
    async (url) => {
      const { client } = createClientUnderTest()
      const error = await failureOf(client.request({ url, guard: 'trusted' }))
      expect(error).toMatchObject({ code: 'http_bad_url', retry: 'never' })
      expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret')
    },
  )

  test("the caller's signal ends a request with the caller's reason, before it and during it", async () => {
    const controller = new AbortController()
    const reason = new Error('shutting down')
    const server = await startRawServer(() => controller.abort(reason))
    const { client } = createClientUnderTest()
    const request = { url: server.origin, guard: 'trusted', signal: controller.signal } as const
    await expect(client.request(request)).rejects.toBe(reason)
    await expect(client.request(request)).rejects.toBe(reason)
    expect(server.seen).toHaveLength(1)
  })

  test('a disposed client refuses, and what was under way ends', async () => {
    const { client } = createClientUnderTest()
    const server = await startRawServer(() => client[Symbol.asyncDispose]())
    const request = { url: server.origin, guard: 'trusted', retries: 0 } as const
    expect(await failureOf(client.request(request))).toMatchObject({ code: 'http_unreachable' })
    expect(await failureOf(client.request(request))).toMatchObject({ code: 'http_unreachable' })
  })
})

describe('further attempts', () => {
  test('follow a refusal or a broken connection until an answer comes', async () => {
    let count = 0
    const server = await startHttpServer((request, response) => {
      count += 1
      if (count === 1) request.socket.destroy()
      else response.writeHead(count === 2 ? 503 : 200).end('done')
    })
    const { client, waits } = createClientUnderTest()
    expect((await client.request({ url: server.origin, guard: 'trusted' })).text()).toBe('done')
    expect(waits).toEqual([250, 500])
  })

  test('end with the last answer, its body and how long to wait', async () => {
    const server = await startHttpServer((_, response) =>
      response.writeHead(429, { 'retry-after': '2' }).end('slow down'),
    )
    const { client, waits } = createClientUnderTest()
    const answer = await client.request({ url: server.origin, guard: 'trusted' })
    expect([answer.status, answer.text(), answer.retryAfterMs]).toEqual([429, 'slow down', 2_000])
    expect(waits).toEqual([2_000, 2_000])
  })

  test('wait until a date that the other side names', async () => {
    const clock = createManualClock('2026-11-02T09:00:00Z')
    const headers = { 'retry-after': 'Mon, 02 Nov 2026 09:00:07 GMT' }
    const server = await startHttpServer((_, response) => response.writeHead(503, headers).end())
    const { client, waits } = createClientUnderTest({ clock })
    await client.request({ url: server.origin, retries: 1, guard: 'trusted' })
    expect(waits).toEqual([7_000])
  })

  test('are left to the caller when the pause is long or the time would run out', async () => {
    const server = await startHttpServer((request, response) => {
      response.writeHead(503, { 'retry-after': request.url?.slice(1) }).end()
    })
    const { client, waits } = createClientUnderTest()
    const long = await client.request({ url: `${server.origin}/21`, timeoutMs: 60_000, guard: 'trusted' })
    const late = await client.request({ url: `${server.origin}/9`, timeoutMs: 8_000, guard: 'trusted' })
    expect([long.retryAfterMs, late.retryAfterMs, waits]).toEqual([21_000, 9_000, []])
  })
})

test('each request is counted and logged once, without its secrets', async () => {
  const server = await startHttpServer((_, response) => response.end('ok'))
  const calls: unknown[] = []
  const { client } = createClientUnderTest({
    clock: createManualClock('2026-11-02T09:00:00Z'),
    metrics: { countHttpCall: (call) => calls.push(call) },
    log: { debug: (message, fields) => calls.push([message, fields]) },
  })
  await client.request({ url: `${server.origin}/feed/s3cret?token=s3cret`, guard: 'trusted' })
  await failureOf(client.request({ url: 'http://10.0.0.1/', guard: 'public' }))
  expect(calls).toEqual([
    { guard: 'trusted', outcome: '200', durationMs: 0 },
    ['HTTP request', { method: 'GET', address: `${server.origin}/feed/…`, outcome: '200', durationMs: 0 }],
    { guard: 'public', outcome: 'http_private_address', durationMs: 0 },
    ['HTTP request', { method: 'GET', address: 'http://10.0.0.1/', outcome: 'http_private_address', durationMs: 0 }],
  ])
})
