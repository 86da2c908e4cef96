import { expect, test } from 'vitest'
import { type AttendeeOptions, startAttendee } from '../../sandbox/attendee/start-attendee.ts'
import { systemClock } from '../../src/base/clock.ts'
import { DAY_MS } from '../../src/base/time.ts'
import { tryServer } from '../../src/features/attendance/index.ts'
import { defaultLimits } from '../../src/features/bots/index.ts'
import { createClientUnderTest } from '../support/http-client.ts'

const platforms = ['google_meet', 'teams', 'zoom'] as const

async function open(options: Partial<AttendeeOptions> = {}) {
  const attendee = await startAttendee({ clock: systemClock, ...options })
  const { client: http } = createClientUnderTest()
  const attempt = (more: { apiKey?: string } = {}, timeoutMs?: number) =>
    tryServer(
      {
        server: {
          url: new URL(attendee.origin),
          apiKey: attendee.apiKey,
          webhookUrl: 'https://meetings.example.com/dashboard/webhook/attendee/',
          storageHosts: [],
          ...more,
        },
        ...{ http, clock: systemClock, limits: defaultLimits, pauseMs: 5 },
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...{ botName: 'Notes 🤖', otherBotNames: ['Notetaker', 'Otter Pilot'], chatLine: 'I write this down 🎙️' },
      },
      platforms,
    )
  const posted = () => attendee.requests.filter(({ method }) => method === 'POST').length
  return Object.assign(attendee, { attempt, posted })
}

const fine = platforms.map((platform) => ({ platform, problem: null, left: null }))

test('a server that would send bots is asked for one of each platform, months ahead, and has none of them afterwards', async () => {
  await using attendee = await open()
  const seen: unknown[] = []
  const watching = attendee.until(() => {
    for (const { order } of attendee.bots())
      seen.push([order.botName, order.botKeywords, (order.joinAt?.getTime() ?? 0) - Date.now()])
    return seen.length >= 3
  })
  expect(await attendee.attempt()).toEqual({ platforms: fine, storage: null })
  await watching
  for (const [name, keywords, aheadMs] of seen as [string, string[], number][])
    expect([name, keywords, aheadMs > 60 * DAY_MS]).toEqual(['Notes', ['Notetaker'], true])
  expect([attendee.madeCount, attendee.bots().length]).toEqual([3, 0])
})

test('what the server refuses is told for each platform, in its own words', async () => {
  await using attendee = await open()
  attendee.refuse('no_zoom_app', /zoom/)
  attendee.refuse('unknown_link', /teams/)
  const { platforms: found } = await attendee.attempt()
  expect(found).toEqual([
    fine[0],
    { platform: 'teams', left: null, problem: { code: 'attendee_refused', said: 'meeting_url: Invalid meeting URL' } },
    {
      platform: 'zoom',
      left: null,
      problem: { code: 'attendee_refused', said: expect.stringContaining('Zoom App credentials are required') },
    },
  ])
  expect(attendee.bots()).toEqual([])
})

test('a refused key is told, and nothing is asked for', async () => {
  await using attendee = await open()
  const { platforms: found } = await attendee.attempt({ apiKey: 'another' })
  const problem = { code: 'attendee_key_refused', said: 'Invalid or disabled API key' }
  expect(found).toEqual(platforms.map((platform) => ({ platform, problem, left: null })))
  expect(attendee.posted()).toBe(0)
})

test('a bot whose order was never answered is found by its key and taken back', async () => {
  await using attendee = await open()
  attendee.order({ kind: 'done_unanswered', on: 'POST' })
  expect((await attendee.attempt({}, 1_500)).platforms).toEqual(fine)
  expect([attendee.madeCount, attendee.bots().length]).toEqual([3, 0])
})

test('a bot that cannot be taken back is told, and the next trial takes it back', async () => {
  await using attendee = await open()
  attendee.order({ kind: 503, on: 'DELETE' })
  const { platforms: found } = await attendee.attempt()
  expect(found.map(({ problem, left }) => [problem, left])).toEqual(
    platforms.map(() => [null, expect.stringContaining('503')]),
  )
  expect(attendee.bots()).toHaveLength(3)
  attendee.mend()
  expect((await attendee.attempt()).platforms).toEqual(fine)
  expect(attendee.bots()).toEqual([])
})

test('two trials at once both hear what the server would say, and leave nothing', async () => {
  await using attendee = await open()
  const both = await Promise.all([attendee.attempt(), attendee.attempt()])
  expect(both.map(({ platforms: found }) => found)).toEqual([fine, fine])
  expect(attendee.bots()).toEqual([])
})

test('a server that is away is told as such', async () => {
  await using attendee = await open()
  attendee.order({ kind: 'down' })
  const { platforms: found } = await attendee.attempt()
  expect(found.map(({ problem }) => problem?.code)).toEqual(platforms.map(() => 'http_unreachable'))
})
