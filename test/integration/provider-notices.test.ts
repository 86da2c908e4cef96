import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { WebEnv } from '../../src/entrypoints/web/route.ts'
import type { WebDeps } from '../../src/entrypoints/web/web-deps.ts'
import { createWebLimits } from '../../src/entrypoints/web/web-limits.ts'
import { receiveNoticesOf } from '../../src/entrypoints/web/webhooks/provider-notices.ts'
import type { NoticeReader, PushNotice } from '../../src/features/calendars/index.ts'
import { createLogger, createMetrics } from '../../src/platform/observe/index.ts'
import { createLogCapture } from '../support/log-capture.ts'
import { createManualClock } from '../support/manual-clock.ts'

/** A provider that first makes sure that somebody is here, and then says several things at once. */
const reader: NoticeReader = {
  paths: ['/notices'],
  async read({ query, body }) {
    const hello = query('hello')
    if (hello !== undefined) return { kind: 'answer', text: hello }
    const said = (await body()).split(' ').filter((one) => one !== '')
    if (said.length === 0) return { kind: 'unreadable', message: 'Nothing is said.' }
    const notices = said.map((channelId) => ({ channelId, secret: 's', resourceId: 'r', kind: 'changed' as const }))
    return { kind: 'notices', notices }
  },
}

function openAddress(receiveNotice: WebDeps['receiveNotice']) {
  const metrics = createMetrics()
  const log = createLogger({ level: 'debug', destination: createLogCapture() })
  const clock = createManualClock('2026-11-23T08:00:00Z')
  const limits = createWebLimits(clock)
  const app = new Hono<WebEnv>()
  app.use('*', async (c, next) => {
    c.set('limits', limits)
    c.set('facts', { clientAddress: '203.0.113.9' } as never)
    await next()
  })
  app.post('/notices', (c) => receiveNoticesOf(reader)(c, { receiveNotice, metrics, log, clock }))
  return {
    post: (query: string, body = '') => app.request(`/notices${query}`, { method: 'POST', body }),
    counted: async (outcome: string) =>
      new RegExp(`push_notices_total\\{outcome="${outcome}"\\} (\\d+)`).exec(await metrics.render())?.[1],
  }
}

test('a provider that makes sure that somebody is here gets its own text back, as text, and nothing is stored', async () => {
  const address = openAddress(() => Promise.reject(new Error('Nothing is to be stored')))
  const answer = await address.post('?hello=%3Cb%3Ea%20b')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await answer.text()).toBe('<b>a b')
})

test('several notices of one request are all stored, each is counted, and who is not believed is answered alike', async () => {
  const heard: PushNotice[] = []
  const address = openAddress(async (notice) => {
    heard.push(notice)
    return notice.channelId === 'b' ? 'wrong_secret' : 'heard'
  })
  expect((await address.post('', 'a b c')).status).toBe(204)
  expect(heard.map(({ channelId }) => channelId)).toEqual(['a', 'b', 'c'])
  expect(await address.counted('heard')).toBe('2')
  expect(await address.counted('wrong_secret')).toBe('1')
})

test('what cannot be read is said, and what cannot be stored is to be sent again', async () => {
  const address = openAddress(() => Promise.reject(new Error('away')))
  const nothing = await address.post('')
  expect([nothing.status, await nothing.text()]).toEqual([400, 'Nothing is said.'])
  const away = await address.post('', 'a')
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '10'])
})
