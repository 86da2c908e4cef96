import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { timed } from './calendar-editor.ts'
import type { Doubts } from './doubts.ts'
import { ana, askGoogle, ben } from './testdata/ask-google.ts'

const slot = timed(new Date('2026-11-23T08:00:00Z'), 30, 'Europe/Berlin')
const WATCH = '/calendar/v3/calendars/primary/events/watch'

async function setUp(doubts: Partial<Doubts> = {}) {
  const asked = await askGoogle({ doubts })
  const received: (IncomingHttpHeaders & { body: string })[] = []
  const answers: number[] = []
  const hook = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ ...request.headers, body })
    response.writeHead(answers.shift() ?? 204).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => hook.once('listening', resolve))
  const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`
  const { google } = asked
  google.push.transport.retryDelaysMs = [0, 0]
  return {
    asked,
    google,
    received,
    answers,
    watch: async (more: Record<string, unknown> = {}, email: string = ana) => {
      const answer = await asked.ask(email, WATCH, {
        method: 'POST',
        body: { id: randomUUID(), type: 'web_hook', address, ...more },
      })
      await google.push.settled()
      return answer
    },
    edit: async () => {
      google.as(ana).insert(slot)
      await google.push.settled()
    },
    states: () => received.map((headers) => headers['x-goog-resource-state']),
    async [Symbol.asyncDispose]() {
      await asked[Symbol.asyncDispose]()
      hook.close()
    },
  }
}

describe('A channel', () => {
  it('says sync first and exists for each change after, with headers and no body', async () => {
    await using tried = await setUp()
    const { status, body } = await tried.watch({ id: 'channel-1', token: 'secret' })
    expect([status, body]).toMatchObject([200, { id: 'channel-1', token: 'secret', resourceId: expect.any(String) }])
    expect(Number(body.expiration)).toBe(tried.asked.clock.now().getTime() + 604_800_000)
    await tried.edit()
    await tried.edit()
    const [sync, ...exists] = tried.received
    expect(sync).toMatchObject({ 'x-goog-resource-state': 'sync', 'x-goog-message-number': '1' })
    expect(exists).toMatchObject(
      [1, 2].map(() => ({
        'x-goog-resource-state': 'exists',
        'x-goog-channel-id': 'channel-1',
        'x-goog-channel-token': 'secret',
        'x-goog-resource-id': body.resourceId,
        'x-goog-channel-expiration': 'Sun, 29 Nov 2026 12:00:00 GMT',
        body: '',
      })),
    )
    const numbers = exists.map((headers) => Number(headers['x-goog-message-number']))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(2)
  })

  it('tells nobody of other calendars, and everybody whose copy changes of an invitation', async () => {
    await using tried = await setUp()
    await tried.watch()
    await tried.watch({}, ben)
    tried.google.as(ana).insert({ ...slot, attendees: [{ email: ben }] })
    tried.google.as(ben).insert(slot)
    await tried.google.push.settled()
    expect(tried.states()).toEqual(['sync', 'sync', 'exists', 'exists', 'exists'])
  })

  it('may say sync before the watch request is answered', async () => {
    await using tried = await setUp({ syncBeforeWatchAnswer: true })
    let wasFirst = false
    tried.google.push.transport.delayMs = () => 20
    const answer = tried.watch().then((given) => {
      wasFirst = tried.received.length === 1
      return given
    })
    expect((await answer).status).toBe(200)
    expect(wasFirst).toBe(true)
  })

  it('ends when its time is over, when it is stopped, and is then not found', async () => {
    await using tried = await setUp()
    const { body: short } = await tried.watch({ params: { ttl: 60 } })
    const { body: stopped } = await tried.watch()
    const stop = (channel: unknown) =>
      tried.asked.ask(ana, '/calendar/v3/channels/stop', { method: 'POST', body: channel })
    expect((await stop({ id: stopped.id, resourceId: 'another' })).status).toBe(404)
    expect((await stop({ id: stopped.id, resourceId: stopped.resourceId })).status).toBe(204)
    expect((await stop({ id: stopped.id, resourceId: stopped.resourceId })).status).toBe(404)
    tried.asked.clock.advance(60_000)
    expect((await stop({ id: short.id, resourceId: short.resourceId })).status).toBe(404)
    await tried.edit()
    expect(tried.states()).toEqual(['sync', 'sync'])
  })

  it.each([
    ['an id that was used before', { id: 'used' }, 400],
    ['an address without TLS', { address: 'http://example.com/hook' }, 400],
    ['a token that is too long', { token: 'x'.repeat(257) }, 400],
    ['another kind', { type: 'mail' }, 400],
  ])('is not opened with %s', async (_, more, status) => {
    await using tried = await setUp()
    await tried.watch({ id: 'used' })
    expect((await tried.watch(more)).status).toBe(status)
  })

  it('is not opened for calendars that are derived', async () => {
    await using tried = await setUp()
    const id = 'en.german#holiday@group.v.calendar.google.com'
    tried.google.addCalendar({ id, name: 'Holidays', isDerived: true }).share(ana, 'reader')
    const path = `/calendar/v3/calendars/${encodeURIComponent(id)}/events`
    const body = { id: 'c1', type: 'web_hook', address: 'https://example.com/hook' }
    const { status, body: said } = await tried.asked.ask(ana, `${path}/watch`, { method: 'POST', body })
    expect([status, said]).toMatchObject([
      400,
      { error: { errors: [{ reason: 'pushNotSupportedForRequestedResource' }] } },
    ])
    expect((await tried.asked.ask(ana, path)).status).toBe(200)
  })

  it('wants a verified domain, and ends when the project has too many, where the doubts say so', async () => {
    await using tried = await setUp({ isDomainVerificationEnforced: true, channelsPerProject: 1 })
    expect((await tried.watch()).status).toBe(401)
    tried.google.verifiedDomains.add('127.0.0.1')
    expect([(await tried.watch()).status, (await tried.watch()).status]).toEqual([200, 403])
  })
})

describe('A notice', () => {
  it('is sent again after 5xx, and not after other refusals', async () => {
    await using tried = await setUp()
    await tried.watch()
    tried.answers.push(503, 500, 204)
    await tried.edit()
    tried.answers.push(404)
    await tried.edit()
    expect(tried.google.push.delivered.map(({ status, attempts }) => [status, attempts])).toEqual([
      [204, 1],
      [204, 3],
      [404, 1],
    ])
  })

  it('can be lost, come twice and come in another order', async () => {
    await using tried = await setUp()
    await tried.watch()
    const { transport } = tried.google.push
    transport.copies = () => 0
    await tried.edit()
    expect(tried.states()).toEqual(['sync'])
    transport.copies = () => 2
    await tried.edit()
    expect(tried.states()).toEqual(['sync', 'exists', 'exists'])
    transport.copies = () => 1
    tried.google.push.hold()
    await tried.edit()
    await tried.edit()
    expect(tried.received).toHaveLength(3)
    const [first, second] = tried.google.push.held
    tried.google.push.letGo([second, first, first].flatMap((one) => one ?? []))
    await tried.google.push.settled()
    const numbers = tried.received.slice(3).map((headers) => Number(headers['x-goog-message-number']))
    expect(numbers.toSorted((a, b) => a - b)).toEqual([first, first, second].map((one) => one?.messageNumber))
    await tried.edit()
    tried.google.push.lose(tried.google.push.held)
    tried.google.push.release()
    await tried.google.push.settled()
    expect(tried.received).toHaveLength(6)
    await tried.edit()
    expect(tried.received).toHaveLength(7)
  })

  it('that is refused often enough ends its channel where the doubt says so', async () => {
    await using tried = await setUp({ channelEndsAfterFailures: 2 })
    await tried.watch()
    tried.answers.push(404, 410)
    await tried.edit()
    expect(tried.google.channels.live()).toHaveLength(1)
    await tried.edit()
    expect(tried.google.channels.live()).toHaveLength(0)
  })

  it('comes for people too: whoever joins, leaves or changes', async () => {
    await using tried = await setUp()
    const path = '/admin/directory/v1/users/watch?domain=example.com'
    const address = 'https://example.com/hook'
    await tried.asked.ask(ana, path, { method: 'POST', body: { id: 'u1', type: 'web_hook', address } })
    tried.google.push.hold()
    tried.google.directory.add({ email: 'dan@example.com' })
    tried.google.directory.suspend(ben)
    expect(tried.google.push.held).toHaveLength(2)
  })
})
