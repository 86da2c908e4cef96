import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { seatGuest } from '../../test/support/attendee-world.ts'
import { startHttpServer } from '../../test/support/http-servers.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { type Sandbox, startSandbox } from '../start-sandbox.ts'
import { signPayload } from './canonical-json.ts'
import { type AttendeeOptions, type PretendAttendee, startAttendee } from './start-attendee.ts'

let sandbox: Sandbox
let rooms = 0

beforeAll(async () => {
  sandbox = await startSandbox({ clock: systemClock })
})
afterAll(() => sandbox[Symbol.asyncDispose]())

function newRoom() {
  const name = `attendee-${rooms++}`
  return { url: `${sandbox.origin}/rooms/${name}`, room: sandbox.rooms.room(name) }
}

async function open(options: Partial<AttendeeOptions> = {}) {
  const attendee = await startAttendee({ clock: systemClock, ...options })
  return Object.assign(attendee, { ask: (path: string, init: RequestInit = {}) => ask(attendee, path, init) })
}

async function ask({ origin, apiKey }: PretendAttendee, path: string, init: RequestInit) {
  const headers = { authorization: `Token ${apiKey}`, 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/api/v1${path}`, { headers, ...init })
  return { status: answer.status, body: (await answer.json().catch(() => null)) as never }
}

const post = (body: object) => ({ method: 'POST', body: JSON.stringify(body) })
const types = (bot: { events: readonly { type: string }[] } | undefined) => bot?.events.map(({ type }) => type)

test('a bot without a time joins at once, is counted by its room, hears who comes, and ends when the meeting does', async () => {
  await using attendee = await open()
  const { url, room } = newRoom()
  const { status, body } = await attendee.ask(
    '/bots',
    post({ meeting_url: url, bot_name: 'Notes', bot_chat_message: { to: 'everyone', message: 'I listen.' } }),
  )
  expect([status, body]).toMatchObject([201, { state: 'joining', join_at: null, recording_state: 'not_started' }])
  await room.until(({ chat }) => chat.length === 1)
  expect(room.participants().map(({ joinedAs }) => joinedAs)).toEqual(['Notes'])
  const [bot] = attendee.bots()
  await attendee.until(() => bot?.state === 'joined_recording')
  expect(attendee.say(url, { speaker: 'Ana', text: 'Grüß Gott' })).toBe(1)
  room.end()
  await attendee.until(() => bot?.state === 'ended')
  expect(types(bot)).toEqual([
    'join_requested',
    'joined_meeting',
    'recording_permission_granted',
    'meeting_ended',
    'post_processing_completed',
  ])
  const transcript = (await attendee.ask(`/bots/${bot?.id}/transcript`)).body
  expect(transcript).toMatchObject([{ speaker_name: 'Ana', transcription: { transcript: 'Grüß Gott' } }])
  const { url: link } = (await attendee.ask(`/bots/${bot?.id}/recording`)).body as { url: string }
  const media = await fetch(link, { headers: { range: 'bytes=0-9' } })
  expect([media.status, media.headers.get('content-type')]).toEqual([206, 'video/mp4'])
  expect((await fetch(link.replace(/Signature=./, 'Signature=x'))).status).toBe(403)
})

test('a scheduled bot is staged and joins by the clock; only while scheduled it is moved and deleted', async () => {
  const clock = createManualClock('2026-11-23T08:00:00Z')
  await using attendee = await open({ clock })
  const { url, room } = newRoom()
  const order = { meeting_url: url, bot_name: 'Notes', join_at: '2026-11-23T09:00:00+00:00' }
  expect((await attendee.ask('/bots', post({ ...order, join_at: '2026-11-23T07:59:00Z' }))).status).toBe(400)
  await attendee.ask('/bots', post(order))
  const [bot] = attendee.bots()
  const moved = { method: 'PATCH', body: JSON.stringify({ join_at: '2026-11-23T08:30:00Z' }) }
  expect((await attendee.ask(`/bots/${bot?.id}`, moved)).status).toBe(200)
  expect((await attendee.ask(`/bots/${bot?.id}/leave`, post({}))).status).toBe(400)
  clock.set('2026-11-23T08:29:40Z')
  await attendee.until(() => bot?.state === 'staged')
  // Nothing is changed by asking for what it is already.
  expect((await attendee.ask(`/bots/${bot?.id}`, moved)).status).toBe(200)
  const later = { method: 'PATCH', body: JSON.stringify({ join_at: '2026-11-23T08:40:00Z' }) }
  expect((await attendee.ask(`/bots/${bot?.id}`, later)).status).toBe(400)
  expect((await attendee.ask(`/bots/${bot?.id}`, { method: 'DELETE' })).status).toBe(400)
  clock.set('2026-11-23T08:30:00Z')
  await attendee.until(() => bot?.state === 'joining')
  clock.advance(1_000)
  await room.until(({ participants }) => participants().length === 1)
  const second = await attendee.ask('/bots', post(order))
  const { id } = second.body as { id: string }
  expect((await attendee.ask(`/bots/${id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await attendee.ask(`/bots/${id}`)).status).toBe(404)
})

test('a deduplication key is refused while its bot lives, found by a filter, and free afterwards', async () => {
  await using attendee = await open()
  const { url } = newRoom()
  const order = { meeting_url: url, bot_name: 'Notes', deduplication_key: 'one' }
  expect((await attendee.ask('/bots', post(order))).status).toBe(201)
  expect((await attendee.ask('/bots', post(order))).status).toBe(400)
  await attendee.ask('/bots', post({ ...order, deduplication_key: 'two' }))
  const found = await attendee.ask('/bots?deduplication_key=one')
  expect(found.body).toMatchObject({ next: null, results: [{ deduplication_key: 'one' }] })
  const [bot] = attendee.bots()
  await attendee.until(() => bot?.state === 'joined_recording')
  await attendee.ask(`/bots/${bot?.id}/leave`, post({}))
  await attendee.until(() => bot?.state === 'ended')
  expect((await attendee.ask('/bots', post(order))).status).toBe(201)
  expect((await attendee.ask(`/bots/${bot?.id}/delete_data`, post({}))).body).toMatchObject({ state: 'data_deleted' })
})

test('lists come by pages, oldest first, and by state', async () => {
  await using attendee = await open({ pageSize: 2 })
  const made: string[] = []
  for (let i = 0; i < 5; i++) {
    const { body } = await attendee.ask(
      '/bots',
      post({ meeting_url: newRoom().url, bot_name: 'Notes', join_at: new Date(Date.now() + 3_600_000).toISOString() }),
    )
    made.push((body as { id: string }).id)
  }
  const seen: string[] = []
  let path: string | null = '/bots?states=scheduled&states=staged'
  while (path) {
    const { body } = await attendee.ask(path)
    const { results, next } = body as { results: { id: string }[]; next: string | null }
    expect(results.length).toBeLessThanOrEqual(2)
    seen.push(...results.map(({ id }) => id))
    path = next?.slice(`${attendee.origin}/api/v1`.length) ?? null
  }
  expect(seen).toEqual(made)
  expect((await attendee.ask('/bots?states=ended')).body).toMatchObject({ results: [] })
  expect((await attendee.ask('/bots?cursor=nonsense')).status).toBe(404)
})

test.each([
  ['deny', 'request_to_join_denied'],
  ['timeOut', 'waiting_room_timeout_exceeded'],
] as const)('in the lobby, %s ends the bot as %s', async (order, subType) => {
  await using attendee = await open()
  const { url, room } = newRoom()
  room.lobby = true
  await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  const [bot] = attendee.bots()
  await room.until(({ waiting }) => waiting().length === 1)
  room[order](room.waiting()[0]?.id ?? '')
  await attendee.until(() => bot?.state === 'fatal_error')
  expect(bot?.events.at(-1)).toMatchObject({ type: 'could_not_join_meeting', subType })
})

test('in a lobby a bot is joining for as long as it was told to wait; only Zoom’s own software says that it waits', async () => {
  for (const tellsLobby of [false, true]) {
    await using attendee = await open({ tellsLobby, pace: { waitingSecondMs: 100 } })
    const { url, room } = newRoom()
    room.lobby = true
    const automatic_leave_settings = { waiting_room_timeout_seconds: 2 }
    await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes', automatic_leave_settings }))
    const [bot] = attendee.bots()
    await room.until(({ waiting }) => waiting().length === 1)
    await attendee.until(() => bot?.state === (tellsLobby ? 'waiting_room' : 'joining'))
    await attendee.until(() => bot?.state === 'fatal_error')
    expect(bot?.events.at(-1)?.subType).toBe('waiting_room_timeout_exceeded')
    expect(types(bot)?.includes('put_in_waiting_room')).toBe(tellsLobby)
  }
})

test('for a host who has not come a bot waits while joining, and not for ever', async () => {
  await using attendee = await open({ pace: { waitingSecondMs: 100 } })
  const [kept, met] = [newRoom(), newRoom()]
  const automatic_leave_settings = { wait_for_host_to_start_meeting_timeout_seconds: 2 }
  for (const { url } of [kept, met]) attendee.awaitHost(url, true)
  await attendee.ask('/bots', post({ meeting_url: kept.url, bot_name: 'Notes', automatic_leave_settings }))
  await attendee.ask('/bots', post({ meeting_url: met.url, bot_name: 'Notes' }))
  const [first, second] = attendee.bots()
  attendee.awaitHost(met.url, false)
  await attendee.until(() => first?.state === 'fatal_error' && second?.state === 'joined_recording')
  expect(first?.events.at(-1)?.subType).toBe('meeting_not_started_waiting_for_host')
})

test('a bot that nobody staged within five minutes of its time never joins', async () => {
  const clock = createManualClock('2026-11-23T08:00:00Z')
  await using attendee = await open({ clock })
  attendee.schedule(false)
  const order = { meeting_url: newRoom().url, bot_name: 'Notes' }
  await attendee.ask('/bots', post({ ...order, join_at: '2026-11-23T08:10:00Z' }))
  await attendee.ask('/bots', post({ ...order, join_at: '2026-11-23T08:20:00Z' }))
  const [late, intime] = attendee.bots()
  clock.set('2026-11-23T08:16:00Z')
  attendee.schedule(true)
  await attendee.until(() => intime?.state === 'staged')
  clock.set('2026-11-23T08:20:00Z')
  await attendee.until(() => intime?.state === 'joining')
  expect(late?.state).toBe('scheduled')
})

test('who removed a bot stands in the notice alone', async () => {
  await using attendee = await open()
  const receiver = await startHttpServer((_request, response) => response.writeHead(200).end())
  attendee.setWebhook(`${receiver.origin}/hook`)
  const { url, room } = newRoom()
  await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  const [bot] = attendee.bots()
  await attendee.until(() => bot?.state === 'joined_recording')
  room.remove(room.participants()[0]?.id ?? '')
  await attendee.until(() => bot?.state === 'ended')
  await attendee.settled()
  const { events } = (await attendee.ask(`/bots/${bot?.id}`)).body as { events: object[] }
  expect(events.map((event) => Object.keys(event))).toEqual(events.map(() => ['type', 'created_at']))
  const told = attendee.deliveries.find(({ eventType }) => eventType === 'meeting_ended')
  expect(JSON.parse(told?.body ?? '{}').data.event_metadata).toMatchObject({
    remover_name: 'Host',
    remover_is_host: true,
  })
})

test('what a bot that broke down recorded is stored after its end, and fetched from another host', async () => {
  await using attendee = await open({ storageHost: '127.0.0.2', pace: { processingMs: 200 } })
  const { url } = newRoom()
  await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  const [bot] = attendee.bots()
  await attendee.until(() => bot?.state === 'joined_recording')
  Object.assign(bot ?? {}, { hidesStart: true })
  bot?.crash()
  const recording = async () => attendee.ask(`/bots/${bot?.id}/recording`)
  expect((await recording()).status).toBe(404)
  await attendee.until(() => bot?.hasFile === true)
  const { body } = await recording()
  expect(body).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.2:/), start_timestamp_ms: null })
  expect((await attendee.ask(`/bots/${bot?.id}`)).body).toMatchObject({
    state: 'fatal_error',
    recording_state: 'failed',
  })
  expect((await fetch((body as { url: string }).url)).status).toBe(200)
})

// As v1.64.1 was seen to answer, up to where the words go on.
test.each([
  [
    'a field it does not know',
    { colour: 'blue' },
    '{"non_field_errors":["Unexpected field(s): colour. Allowed fields are: ',
  ],
  ['an emoji in the name', { bot_name: 'Notes 🤖' }, '{"bot_name":["Bot name cannot contain emojis or rare script'],
  [
    'an emoji in the chat line',
    { bot_chat_message: { message: '🎙' } },
    '{"bot_chat_message":{"message":["Message cannot',
  ],
  [
    'a long chat line',
    { bot_chat_message: { message: 'x'.repeat(10_001) } },
    '{"bot_chat_message":{"message":["Message must be less than 10000 characters"]}}',
  ],
  ['a link it does not know', { meeting_url: 'https://zoomgov.com/j/1' }, '{"meeting_url":["Invalid meeting URL"]}'],
  [
    'Zoom without an app',
    { meeting_url: 'https://zoom.us/j/1' },
    '{"error":"Zoom App credentials are required to create',
  ],
  [
    'half a second',
    { automatic_leave_settings: { silence_timeout_seconds: 0.5 } },
    '{"automatic_leave_settings":["silence_timeout_seconds must be a positive integer"]}',
  ],
  [
    'a limit it does not know',
    { automatic_leave_settings: { patience: 5 } },
    '{"automatic_leave_settings":["Unexpected attribute: patience"]}',
  ],
  [
    'speech turned into text by nobody it knows',
    { transcription_settings: { scribe: {} } },
    `{"transcription_settings":["Additional properties are not allowed ('scribe' was unexpected)"]}`,
  ],
  [
    'more of a meeting than it knows',
    { zoom_settings: { meeting_settings: { allow_tea: true } } },
    `{"zoom_settings":["Additional properties are not allowed ('allow_tea' was unexpected)"]}`,
  ],
  [
    'a format it does not know',
    { recording_settings: { format: 'ogg' } },
    `{"recording_settings":{"format":"Format must be mp4 or mp3 or 'none'"}}`,
  ],
  [
    'room that it cannot make',
    { recording_settings: { reserve_additional_storage: true } },
    '{"recording_settings":{"reserve_additional_storage":"Not supported unless using Kubernetes"}}',
  ],
  ['null', { automatic_leave_settings: null }, '{"automatic_leave_settings":["This field may not be null."]}'],
  ['a time that is over', { join_at: '2020-01-01T00:00:00Z' }, '{"join_at":["join_at cannot be in the past"]}'],
  ['labels that are no texts', { metadata: { count: 1 } }, `{"metadata":["Value for key 'count' must be a string"]}`],
  [
    'long labels',
    { metadata: { name: 'x'.repeat(1_000) } },
    '{"metadata":["Metadata must be less than 1000 characters"]}',
  ],
  ['webhooks for nothing', { webhooks: [{ url: 'https://example.com/', triggers: [] }] }, '{"webhooks":['],
  [
    'a third webhook',
    { webhooks: [1, 2, 3].map((n) => ({ url: `https://example.com/${n}`, triggers: ['bot.state_change'] })) },
    '{"error":"You have reached the maximum number of webhooks for a single bot"}',
  ],
  ['no name', { bot_name: undefined }, '{"bot_name":["This field is required."]}'],
  // Nobody checks it, and its column ends there.
  [
    'a name of 256 characters',
    { bot_name: 'x'.repeat(256) },
    '{"error":"An error occurred while creating the bot. Error ID: ',
  ],
] as const)('an order with %s is refused in the real server’s words', async (_name, change, words) => {
  await using attendee = await open()
  attendee.refuse('unknown_link', /zoomgov/)
  attendee.refuse('no_zoom_app', /zoom\.us/)
  const { status, body } = await attendee.ask(
    '/bots',
    post({ meeting_url: newRoom().url, bot_name: 'Notes', ...change }),
  )
  expect([status, JSON.stringify(body).slice(0, words.length), attendee.bots()]).toEqual([400, words, []])
})

test('beyond the bots that may be in meetings at once nobody is sent', async () => {
  await using attendee = await open({ concurrentBots: 1 })
  const order = () => post({ meeting_url: newRoom().url, bot_name: 'Notes' })
  expect((await attendee.ask('/bots', order())).status).toBe(201)
  const refused = await attendee.ask('/bots', order())
  expect([refused.status, refused.body]).toMatchObject([400, { error: expect.stringMatching(/concurrent bots/) }])
})

test('a link to nothing, elsewhere too, is a meeting that was not found, and nothing outside is asked', async () => {
  await using attendee = await open()
  for (const url of [`${sandbox.origin}/rooms/a.b`, 'https://meet.google.com/abc-defg-hij'])
    await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  await attendee.until(() => attendee.bots().every(({ state }) => state === 'fatal_error'))
  expect(attendee.bots().map(({ events }) => events.at(-1)?.subType)).toEqual([
    'meeting_not_found',
    'meeting_not_found',
  ])
})

test('who has no key gets nothing, and every fault looks as ordered', async () => {
  await using attendee = await open()
  expect((await attendee.ask('/bots', { headers: { authorization: 'Token wrong' } })).status).toBe(401)
  for (const kind of [400, 403, 429, 500] as const) {
    attendee.order({ kind, times: 1 })
    expect((await attendee.ask('/bots')).status).toBe(kind)
  }
  attendee.order({ kind: 'html', times: 1 })
  expect((await attendee.ask('/bots')).body).toBeNull()
  attendee.order({ kind: 'down', on: 'GET' })
  await expect(attendee.ask('/bots')).rejects.toThrow()
  attendee.mend()
  expect((await attendee.ask('/bots')).status).toBe(200)
  attendee.order({ kind: 'done_unanswered', on: 'POST', times: 1 })
  const order = post({ meeting_url: newRoom().url, bot_name: 'Notes' })
  await expect(attendee.ask('/bots', { ...order, signal: AbortSignal.timeout(200) })).rejects.toThrow()
  expect(attendee.bots()).toHaveLength(1)
  const [bot] = attendee.bots()
  attendee.forget(bot?.id ?? '')
  expect((await attendee.ask(`/bots/${bot?.id}`)).status).toBe(404)
})

test('what is signed is the canonical form, whatever is sent', () => {
  const payload = { b: [{ z: 1, ä: 'Grüße', a: null }], '10': true, '2': 'x', '\u{1f600}': 1, '\uffff': 2 }
  const canonical = '{"10":true,"2":"x","b":[{"a":null,"z":1,"ä":"Grüße"}],"\uffff":2,"\u{1f600}":1}'
  const expected = createHmac('sha256', 'secret').update(canonical).digest('base64')
  expect(signPayload(payload, Buffer.from('secret').toString('base64'))).toBe(expected)
})

test('notices are signed, sent again until they are taken, and lost, doubled or out of order where that is ordered', async () => {
  await using attendee = await open({ retryPausesMs: [5, 5] })
  // The test itself stages the bot.
  attendee.schedule(false)
  const taken: string[] = []
  let isRefusing = true
  const receiver = await startHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const payload = JSON.parse(body)
    expect(signPayload(payload, attendee.webhookSecret)).toBe(request.headers['x-webhook-signature'])
    if (!isRefusing) taken.push(payload.data.event_type)
    response.writeHead(isRefusing ? 503 : 200).end()
    isRefusing = false
  })
  attendee.setWebhook(`${receiver.origin}/hook`)
  const scheduled = { meeting_url: newRoom().url, bot_name: 'Notes', join_at: new Date(Date.now() + 60_000) }
  await attendee.ask('/bots', post(scheduled))
  const [bot] = attendee.bots()
  bot?.move('staged')
  await attendee.settled()
  expect([attendee.deliveries[0]?.statuses, taken]).toEqual([[503, 200], ['staged']])
  attendee.orderWebhooks('lost')
  bot?.move('join_requested')
  attendee.orderWebhooks('duplicated')
  bot?.move('joined_meeting')
  await attendee.settled()
  expect(taken).toEqual(['staged', 'joined_meeting', 'joined_meeting'])
  attendee.orderWebhooks('reordered')
  bot?.move('recording_paused')
  bot?.move('recording_resumed')
  await attendee.settled()
  expect(taken.slice(3).toSorted()).toEqual(['recording_paused', 'recording_resumed'])
  const refused = { ...scheduled, webhooks: [{ url: 'http://plain.example/', triggers: ['bot.state_change'] }] }
  expect((await attendee.ask('/bots', post(refused))).status).toBe(400)
})

test('words come while they are said: what was written since, nothing that is not text yet, and a notice for each', async () => {
  await using attendee = await open()
  const heard: unknown[] = []
  const receiver = await startHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { trigger, data } = JSON.parse(body)
    if (trigger !== 'bot.state_change') heard.push([trigger, data.transcription?.transcript ?? data.event_type])
    response.writeHead(200).end()
  })
  attendee.setWebhook(`${receiver.origin}/hook`)
  const { url } = newRoom()
  await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  const [bot] = attendee.bots()
  await attendee.until(() => bot?.state === 'joined_recording')
  const stateOfWords = async () =>
    ((await attendee.ask(`/bots/${bot?.id}`)).body as { transcription_state: string }).transcription_state
  expect(await stateOfWords()).toBe('not_started')
  const ana = await seatGuest(url, 'Ana')
  await attendee.until(() => bot?.participants.size === 1)
  const words = async (query = '') => {
    const { status, body } = await attendee.ask(`/bots/${bot?.id}/transcript${query}`)
    return status === 200
      ? (body as { transcription: { transcript: string } }[]).map((one) => one.transcription.transcript)
      : status
  }
  attendee.say(url, { speaker: 'Ana', text: '' })
  expect(await words()).toEqual([])
  attendee.correct(url, 'Ana', { text: 'Good' })
  attendee.say(url, { speaker: 'Ben', text: 'Hello.' })
  expect(await words()).toEqual(['Good', 'Hello.'])
  expect(await stateOfWords()).toBe('in_progress')
  const since = encodeURIComponent(new Date(bot?.utterances.at(-1)?.updatedMs ?? 0).toISOString())
  attendee.correct(url, 'Ana', { text: 'Good morning.', durationMs: 2_000 })
  expect(await words(`?updated_after=${since}`)).toEqual(['Good morning.'])
  expect(await words('?updated_after=yesterday')).toBe(400)
  ana.leave()
  await attendee.until(() => bot?.participantEvents.at(-1)?.type === 'leave')
  await attendee.settled()
  expect(heard.toSorted()).toEqual([
    ['participant_events.join_leave', 'join'],
    ['participant_events.join_leave', 'leave'],
    ['transcript.update', 'Good'],
    ['transcript.update', 'Good morning.'],
    ['transcript.update', 'Hello.'],
  ])
})

test('a bot writes into the chat while it is in the room, and no sign outside the basic plane', async () => {
  await using attendee = await open()
  const { url, room } = newRoom()
  await attendee.ask('/bots', post({ meeting_url: url, bot_name: 'Notes' }))
  const [bot] = attendee.bots()
  const say = async (message: string) =>
    (await attendee.ask(`/bots/${bot?.id}/send_chat_message`, post({ message }))).status
  expect(await say('Too early.')).toBe(400)
  await attendee.until(() => bot?.state === 'joined_recording')
  expect([await say('I listen.'), await say('I listen \u{1f600}'), await say('')]).toEqual([200, 400, 400])
  await room.until(({ chat }) => chat.length === 1)
  expect(room.chat.map(({ text }) => text)).toEqual(['I listen.'])
})

test('settings of words, recording, platforms and image are taken as they are, and wrong ones refused', async () => {
  await using attendee = await open()
  const order = { meeting_url: newRoom().url, bot_name: 'Notes', join_at: new Date(Date.now() + 3_600_000) }
  const settings = {
    transcription_settings: { meeting_closed_captions: { google_meet_language: 'de-DE' } },
    recording_settings: { format: 'mp4', view: 'gallery_view' },
    google_meet_settings: { use_login: true, login_mode: 'only_if_required' },
    teams_settings: { use_login: true },
    zoom_settings: { sdk: 'web' },
    callback_settings: { zoom_tokens_url: 'https://tokens.example.com/zoom' },
    bot_image: { type: 'image/png', data: 'iVBORw0KGgo=' },
  }
  const leave = { automatic_leave_settings: { bot_keywords: ['notetaker'], silence_timeout_seconds: 600 } }
  expect((await attendee.ask('/bots', post({ ...order, ...settings, ...leave }))).status).toBe(201)
  expect(attendee.bots()[0]?.order).toMatchObject({ settings, botKeywords: ['notetaker'] })
  for (const wrong of [
    { recording_settings: { format: 'flac' } },
    { google_meet_settings: { sign_in: true } },
    { callback_settings: { zoom_tokens_url: 'http://tokens.example.com/zoom' } },
    { bot_image: { type: 'image/gif', data: 'R0lG' } },
    { webhooks: [{ url: 'https://rapporteur.example.com/', triggers: ['everything'] }] },
  ])
    expect((await attendee.ask('/bots', post({ ...order, ...wrong }))).status).toBe(400)
})
