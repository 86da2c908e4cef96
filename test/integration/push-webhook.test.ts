import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createNoticeReceiver } from '../../src/features/calendars/index.ts'
import { wakeChangedCalendars } from '../../src/pipeline.ts'
import { createMetrics } from '../../src/platform/observe/index.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { dropDatabase } from '../support/database.ts'
import { type SeededChannel, seedChannel, sendNotice } from '../support/push.ts'
import { seedCalendar } from '../support/seed.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

describe('A notice that a calendar changed', () => {
  let testApp: TestApp
  let web: TestWeb
  let calendarId: string
  let channel: SeededChannel
  const metrics = createMetrics()

  beforeAll(async () => {
    testApp = await createTestApp()
    const { app } = testApp
    const receiver = createNoticeReceiver({ ...app, markChanged: (trx, ids) => wakeChangedCalendars(app, trx, ids) })
    web = await startTestWeb({ receiveNotice: receiver.receive, metrics })
  })
  afterAll(async () => {
    await web[Symbol.asyncDispose]()
    await testApp[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    calendarId = await seedCalendar(testApp.app.db, testApp.clock, 'ana@example.com')
    channel = await seedChannel(testApp.app.db, calendarId)
  })

  const jobsOf = async (id: string) => {
    const jobs = await testApp.app.queue.boss.findJobs('sync-calendar', { key: id })
    return jobs.map((job) => job.state)
  }
  const storedChannel = () =>
    testApp.app.db.selectFrom('pushChannel').selectAll().where('id', '=', channel.id).executeTakeFirstOrThrow()
  const counted = async (outcome: string) =>
    Number(new RegExp(`push_notices_total\\{outcome="${outcome}"\\} (\\d+)`).exec(await metrics.render())?.[1] ?? 0)

  test('marks the calendar and wakes its sync, at both addresses, with or without a slash', async () => {
    const before = await counted('heard')
    for (const path of [
      '/dashboard/webhook/google-calendar/',
      '/dashboard/webhook/google-calendar',
      '/webhook/google-calendar',
      '/webhook/google-calendar/',
    ]) {
      expect(await sendNotice(web, channel, {}, path), path).toBe(204)
    }
    expect(await jobsOf(calendarId)).toEqual(['created'])
    expect((await storedChannel()).lastDeliveryAt).toEqual(testApp.clock.now())
    const marks = await testApp.app.db
      .selectFrom('calendar')
      .select(['changeMarker', 'pulledMarker'])
      .where('id', '=', calendarId)
      .executeTakeFirstOrThrow()
    expect(marks).toMatchObject({ changeMarker: marks.pulledMarker + 4 })
    expect(await counted('heard')).toBe(before + 4)
  })

  test('that comes fifty times at once leaves one sync to do', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => sendNotice(web, channel, { 'x-goog-message-number': String(n + 2) })),
    )
    expect(new Set(answers)).toEqual(new Set([204]))
    expect(await jobsOf(calendarId)).toEqual(['created'])
  })

  // Defect 30 of the predecessor: whoever knew a channel's id could force syncs.
  test.each([
    ['a wrong secret', 'wrong_secret', { 'x-goog-channel-token': 'guessed' }],
    ['no secret', 'wrong_secret', { 'x-goog-channel-token': undefined }],
    ['an empty secret', 'wrong_secret', { 'x-goog-channel-token': '' }],
    ["somebody else's resource", 'wrong_resource', { 'x-goog-resource-id': 'resource-2' }],
    [
      'a channel that we never opened',
      'unknown_channel',
      { 'x-goog-channel-id': '5c8c0c5e-3b0a-4a58-9d2b-0e6a4a5f0b11' },
    ],
    ['a channel with an id that cannot be ours', 'unknown_channel', { 'x-goog-channel-id': "x' or 1=1 --" }],
  ])('with %s is answered, counted and without effect', async (_, outcome, headers) => {
    const before = await counted(outcome)
    expect(await sendNotice(web, channel, headers)).toBe(204)
    expect(await jobsOf(calendarId)).toEqual([])
    expect((await storedChannel()).lastDeliveryAt).toBeNull()
    expect(await counted(outcome)).toBe(before + 1)
  })

  test.each(['x-goog-channel-id', 'x-goog-resource-id', 'x-goog-resource-state'])(
    'without %s is told what is missing',
    async (name) => {
      expect(await sendNotice(web, channel, { [name]: undefined })).toBe(400)
      expect(await jobsOf(calendarId)).toEqual([])
    },
  )

  test('of the kind sync, before Google has answered, is accepted and starts nothing', async () => {
    channel = await seedChannel(testApp.app.db, calendarId, { state: 'opening', resourceId: null })
    expect(await sendNotice(web, channel, { 'x-goog-resource-state': 'sync', 'x-goog-message-number': '1' })).toBe(204)
    expect(await jobsOf(calendarId)).toEqual([])
    // Now it could be stopped, even if the answer never came.
    expect(await storedChannel()).toMatchObject({ state: 'opening', resourceId: 'resource-1' })
  })

  test('over a channel that another one has replaced still counts', async () => {
    channel = await seedChannel(testApp.app.db, calendarId, { state: 'closing' })
    expect(await sendNotice(web, channel)).toBe(204)
    expect(await jobsOf(calendarId)).toEqual(['created'])
  })

  test('for a calendar that is not connected any more is without effect', async () => {
    await testApp.app.db.updateTable('calendar').set({ state: 'disconnected' }).where('id', '=', calendarId).execute()
    const before = await counted('calendar_gone')
    expect(await sendNotice(web, channel)).toBe(204)
    expect(await jobsOf(calendarId)).toEqual([])
    expect(await counted('calendar_gone')).toBe(before + 1)
  })

  test('in a storm of right and wrong ones is judged by itself', async () => {
    const others = await Promise.all(
      ['ben@example.com', 'cleo@example.com', 'dov@example.com'].map((owner) =>
        seedCalendar(testApp.app.db, testApp.clock, owner),
      ),
    )
    const channels = await Promise.all(others.map((id) => seedChannel(testApp.app.db, id)))
    const [first, second, third] = channels as [SeededChannel, SeededChannel, SeededChannel]
    await Promise.all([
      sendNotice(web, first),
      sendNotice(web, { ...second, secret: first.secret }),
      sendNotice(web, third),
      sendNotice(web, first),
    ])
    expect(await Promise.all(others.map(jobsOf))).toEqual([['created'], [], ['created']])
  })

  test('is refused with a request to send it again where it cannot be stored, and works again afterwards', async () => {
    await using own = await createTestApp()
    const { app } = own
    let isDown = true
    const receiver = createNoticeReceiver({
      ...app,
      markChanged: async (trx, ids) => {
        if (isDown) throw new Error('The disk is full')
        await wakeChangedCalendars(app, trx, ids)
      },
    })
    await using server = await startTestWeb({ receiveNotice: receiver.receive })
    const id = await seedCalendar(app.db, own.clock, 'ana@example.com')
    const known = await seedChannel(app.db, id)
    expect(await sendNotice(server, known)).toBe(503)
    isDown = false
    expect(await sendNotice(server, known)).toBe(204)
    await dropDatabase(own.databaseUrl)
    expect(await sendNotice(server, known)).toBe(503)
  })

  test('needs no body, may have a small one, and is refused with a large one', async () => {
    const { id, secret, resourceId } = channel
    const send = (body: string) =>
      fetch(`${web.origin}/webhook/google-calendar`, {
        method: 'POST',
        headers: {
          'x-goog-channel-id': id,
          'x-goog-channel-token': secret,
          'x-goog-resource-id': resourceId,
          'x-goog-resource-state': 'exists',
        },
        body,
      })
    expect((await send('x'.repeat(200_000))).status).toBe(413)
    expect(await jobsOf(calendarId)).toEqual([])
    expect((await send('x'.repeat(1_000))).status).toBe(204)
    expect(await jobsOf(calendarId)).toEqual(['created'])
  })
})

test('Notices that are stored together do not wait for each other in two processes', async () => {
  await using testApp = await createTestApp()
  const { app, clock } = testApp
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, n) => seedCalendar(app.db, clock, `person${n}@example.com`)),
  )
  const channels = await Promise.all(ids.map((id) => seedChannel(app.db, id)))
  const receivers = [1, 2].map(() =>
    createNoticeReceiver({ ...app, markChanged: (trx, changed) => wakeChangedCalendars(app, trx, changed) }),
  )
  const outcomes = await Promise.all(
    receivers.flatMap((receiver, index) =>
      (index === 0 ? channels : channels.toReversed()).map(({ id, secret, resourceId }) =>
        receiver.receive({ channelId: id, secret, resourceId, kind: 'changed' }),
      ),
    ),
  )
  expect(new Set(outcomes)).toEqual(new Set(['heard']))
  const stamped = await app.db.selectFrom('pushChannel').select('id').where('lastDeliveryAt', 'is not', null).execute()
  expect(stamped).toHaveLength(20)
})

test('Notices that are not believed slow down the address they come from, and no other', async () => {
  await using testApp = await createTestApp()
  const { app, clock } = testApp
  const receiver = createNoticeReceiver({ ...app, markChanged: (trx, ids) => wakeChangedCalendars(app, trx, ids) })
  const server = { siteUrl: undefined, port: () => 0, trustedProxies: ['127.0.0.1'], timeZone: 'UTC' }
  await using web = await startTestWeb({ receiveNotice: receiver.receive, server })
  const channel = await seedChannel(app.db, await seedCalendar(app.db, clock, 'ana@example.com'))
  const send = (address: string, secret?: string) =>
    sendNotice(web, channel, {
      'x-forwarded-for': address,
      ...(secret === undefined ? {} : { 'x-goog-channel-token': secret }),
    })
  const forged = await Promise.all(Array.from({ length: 200 }, () => send('203.0.113.9', 'guessed')))
  expect(new Set(forged)).toEqual(new Set([204]))
  // Answered so that what is right after all comes again.
  expect(await send('203.0.113.9', 'guessed')).toBe(503)
  expect(await send('203.0.113.9')).toBe(503)
  expect(await send('203.0.113.10')).toBe(204)
  web.clock.advance(100)
  expect(await send('203.0.113.9')).toBe(204)
})

test.each([
  '/dashboard/webhook/google-calendar/',
  '/webhook/google-calendar',
  '/dashboard/webhook/attendee/',
  '/dashboard/',
  '/nowhere',
])('A large body is read by nobody: %s', async (path) => {
  await using web = await startTestWeb({ attendeeNotices: { receive: async () => 'ignored' as const } })
  const port = new URL(web.origin).port
  const send = async (head: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += String(data)
    })
    socket.on('error', () => {})
    socket.write(
      `${path === '/dashboard/' ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${head}\r\n\r\n`,
    )
    // It ends although the body never comes.
    await once(socket, 'close')
    return answer.split(' ')[1]
  }
  expect(await send('Content-Length: 70000')).toBe('413')
  expect(await send('Transfer-Encoding: chunked')).toBe('413')
})

test('A notice that says nothing of a body has none', async () => {
  await using web = await startTestWeb()
  const channel = { id: 'a channel', secret: 'a secret', resourceId: 'a resource' }
  expect(await sendNotice(web, channel, { 'content-length': undefined, connection: 'close' })).toBe(204)
})
