import { expect, test } from 'vitest'
import { createAttendeeApi } from '../../src/features/attendance/runners/attendee/attendee-api.ts'
import { createClientUnderTest } from '../support/http-client.ts'
import { startHttpServer } from '../support/http-servers.ts'

const bot = (id: string) => ({ id, state: 'ended', events: [], join_at: null })

test.each([
  ['with an address of its own', (query: string) => `http://attendee.internal:8000/api/v1/bots?${query}`],
  ['with our address', (query: string, origin: string) => `${origin}/api/v1/bots?${query}`],
  ['with no address', (query: string) => `?${query}`],
])('a list that is asked for with a query is read to its end where the server links %s', async (_name, link) => {
  const server = await startHttpServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', server.origin)
    const isLast = searchParams.get('cursor') === 'two'
    response.writeHead(200, { 'content-type': 'application/json' })
    const results = isLast && searchParams.get('deduplication_key') === 'k&1' ? [bot('on-the-second')] : []
    const next = isLast ? null : link('cursor=two&deduplication_key=k%261', server.origin)
    response.end(JSON.stringify({ next, previous: null, results }))
  })
  const { client: http } = createClientUnderTest({ allowPrivateHosts: ['127.0.0.1'] })
  const api = createAttendeeApi({ http, url: new URL(server.origin), apiKey: 'of this test' })
  expect(await api.findByKey('k&1')).toMatchObject({ id: 'on-the-second' })
  expect(server.seen.map(({ url }) => url)).toEqual([
    '/api/v1/bots?deduplication_key=k%261',
    '/api/v1/bots?cursor=two&deduplication_key=k%261',
  ])
})
