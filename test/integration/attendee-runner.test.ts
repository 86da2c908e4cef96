import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { signPayload } from '../../sandbox/attendee/canonical-json.ts'
import { MINUTE_MS } from '../../src/base/time.ts'
import { type Runner, receiveAttendeeNotice } from '../../src/features/attendance/index.ts'
import type { SittingEvent } from '../../src/features/attendance/runners/runner.ts'
import { type BotState, limitsWith, moveBot } from '../../src/features/bots/index.ts'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import {
  type AttendeeWorld,
  createAttendeeWorld,
  quickPauses,
  seatGuest,
  watchSeat,
} from '../support/attendee-world.ts'
import { createManualClock } from '../support/manual-clock.ts'

describe('The runner attendee', () => {
  let world: AttendeeWorld
  let runner: Runner
  let rooms = 0

  beforeAll(async () => {
    world = await createAttendeeWorld({ pageSize: 2 })
    runner = world.openRunner({ timeoutMs: 500 })
  })
  afterEach(() => world.attendee.mend())
  afterAll(async () => {
    await runner[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  function newRoom() {
    const name = `runner-${rooms++}`
    const url = `${world.sandbox.origin}/rooms/${name}`
    return { url, room: world.sandbox.rooms.room(name), bots: () => botsFor(url) }
  }
  const botsFor = (url: string) => world.attendee.bots().filter(({ order }) => order.meetingUrl === url)
  const wasDoubled = (room: { wereEverPresentAtOnce(isCounted: () => boolean): boolean }) =>
    room.wereEverPresentAtOnce(() => true)
  const later = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS)

  test('orders a bot with our ids, name, chat line and limits, and as sound only', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const minutes = { lobbyMs: 7, hostMs: 12, aloneMs: 3, silenceMs: 25, stayMs: 300, lateJoinMs: 2 }
    const limits = limitsWith(
      Object.fromEntries(Object.entries(minutes).map(([name, count]) => [name, count * MINUTE_MS])) as typeof minutes,
    )
    const { seat } = await watchSeat(runner, bot, url, { chatLine: 'Recorded.', joinAt: later(10), limits })
    await world.attendee.until(() => bots().length === 1)
    expect(bots()[0]?.order).toMatchObject({
      botName: 'Notes',
      chatMessage: 'Recorded.',
      deduplicationKey: `${bot.id}-${bot.fence}`,
      metadata: { rapporteur_bot_id: bot.id },
      recordingFormat: 'mp3',
      leaveSettings: {
        waiting_room_timeout_seconds: 7 * 60,
        wait_for_host_to_start_meeting_timeout_seconds: 12 * 60,
        only_participant_in_meeting_timeout_seconds: 3 * 60,
        silence_timeout_seconds: 25 * 60,
        max_uptime_seconds: 300 * 60,
      },
      webhooks: [],
    })
    seat.leave('user_requested')
    await seat.done
  })

  test('orders a bot with the settings and the picture that are set, and with what differs at its platform', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const image = { type: 'image/png' as const, data: 'iVBORw0KGgo=' }
    const settings = {
      transcription_settings: { meeting_closed_captions: { google_meet_language: 'de-DE' } },
      recording_settings: { format: 'none' as const },
      google_meet_settings: { use_login: true },
      automatic_leave_settings: { bot_keywords: ['notetaker'] },
    }
    await using runner = world.openRunner({ settings, image })
    const otherBotNames = ['Recorder', 'Otter Pilot', 'notetaker']
    const { seat } = await watchSeat(runner, bot, url, { joinAt: later(10), otherBotNames })
    await world.attendee.until(() => bots().length === 1)
    const { automatic_leave_settings, ...areas } = settings
    expect(bots()[0]?.order).toMatchObject({
      settings: { ...areas, bot_image: image },
      recordingFormat: 'none',
      botKeywords: ['notetaker', 'Recorder'],
      leaveSettings: { waiting_room_timeout_seconds: expect.any(Number) },
    })
    seat.leave('user_requested')
    await seat.done
  })

  test('a meeting ahead is scheduled there, moved with it, linked anew, and taken back', async () => {
    const { url, room, bots } = newRoom()
    const other = newRoom()
    const { bot } = await world.claim(url)
    const { seat, moves } = await watchSeat(runner, bot, url, { joinAt: later(10) })
    await world.attendee.until(() => bots()[0]?.state === 'scheduled')
    const joinAt = later(20)
    seat.update({ joinAt, url: other.url })
    await expect.poll(() => other.bots()[0]?.order.joinAt).toEqual(joinAt)
    seat.leave('user_requested')
    await seat.done
    expect([other.bots(), bots(), room.visits]).toEqual([[], [], []])
    expect(moves()).toEqual(['leave_requested: user_requested', 'left_meeting'])
  })

  test('a meeting that moves to now is joined now, by one bot', async () => {
    const { url, room, bots } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, has } = await watchSeat(runner, bot, url, { joinAt: later(10) })
    await world.attendee.until(() => bots()[0]?.state === 'scheduled')
    seat.update({ joinAt: new Date() })
    await has('joined_meeting')
    expect(bots()).toHaveLength(1)
    expect(wasDoubled(room)).toBe(false)
    seat.leave('user_requested')
    await seat.done
  })

  test('by the server’s clock a scheduled bot is staged and joins; asked to leave while staged, it leaves once it can', async () => {
    const clock = createManualClock(new Date())
    await using other = await createAttendeeWorld({ clock, pace: { launchMs: 1_000 } })
    await using manual = other.openRunner({ clock })
    const url = `${other.sandbox.origin}/rooms/staged`
    const { bot } = await other.claim(url)
    const joinAt = new Date(clock.now().getTime() + 5 * MINUTE_MS)
    const { seat, moves, noted } = await watchSeat(manual, bot, url, { joinAt })
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'scheduled')
    clock.set(new Date(joinAt.getTime() - 10_000))
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'staged')
    seat.leave('user_requested')
    const asked = () => other.attendee.requests.filter(({ path }) => path.endsWith('/leave')).length
    const seen = () => other.attendee.requests.length
    const before = seen()
    await expect.poll(seen).toBeGreaterThan(before + 2)
    // The server would only refuse.
    expect(asked()).toBe(0)
    clock.set(joinAt)
    const time = setInterval(() => clock.advance(20), 20)
    await seat.done
    clearInterval(time)
    expect(noted()).toEqual(['staged'])
    expect(moves()).toEqual(['join_requested', 'leave_requested: user_requested', 'left_meeting'])
  })

  test('a bot that is staged when its meeting moves is taken back when it asks for entry, and made anew for the later time', async () => {
    const clock = createManualClock(new Date())
    await using other = await createAttendeeWorld({ clock, pace: { launchMs: 1_000 } })
    await using manual = other.openRunner({ clock })
    const url = `${other.sandbox.origin}/rooms/moved`
    const { bot } = await other.claim(url)
    const first = new Date(clock.now().getTime() + 4 * MINUTE_MS)
    const { seat, moves, noted } = await watchSeat(manual, bot, url, { joinAt: first, endsAt: later(120) })
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'scheduled')
    clock.advance(MINUTE_MS)
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'staged')
    await expect.poll(noted).toEqual(['staged'])
    const second = new Date(first.getTime() + 30 * MINUTE_MS)
    seat.update({ joinAt: second })
    const seen = () => other.attendee.requests.length
    const before = seen()
    await expect.poll(seen).toBeGreaterThan(before + 1)
    clock.set(first)
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'leaving')
    const time = setInterval(() => clock.advance(5), 20)
    await other.attendee.until(() => other.attendee.bots()[1]?.state === 'scheduled')
    clearInterval(time)
    expect([moves(), other.attendee.bots()[1]?.order.joinAt]).toEqual([[], second])
    expect(other.sandbox.rooms.room('moved').visits).toEqual([])
    const refused = other.attendee.requests.filter(({ method, status }) => method !== 'GET' && status === 400)
    expect(refused).toEqual([])
    seat.leave('user_requested')
    await seat.done
  })

  test('a server that stages nobody in time is asked for a bot that joins at once', async () => {
    const clock = createManualClock(new Date())
    await using other = await createAttendeeWorld({ clock })
    await using manual = other.openRunner({ clock })
    other.attendee.schedule(false)
    const url = `${other.sandbox.origin}/rooms/unstaged`
    const { bot } = await other.claim(url)
    const joinAt = new Date(clock.now().getTime() + 4 * MINUTE_MS)
    const { seat, has } = await watchSeat(manual, bot, url, { joinAt, endsAt: later(60) })
    await other.attendee.until(() => other.attendee.bots()[0]?.state === 'scheduled')
    clock.set(new Date(joinAt.getTime() + 59_000))
    const looks = () => other.attendee.requests.length
    const before = looks()
    await expect.poll(looks).toBeGreaterThan(before + 2)
    expect(other.attendee.bots()[0]?.state).toBe('scheduled')
    clock.advance(1_000)
    await other.attendee.until(() => other.attendee.bots()[0]?.order.joinAt === null)
    expect([other.attendee.bots().length, other.attendee.madeCount]).toEqual([1, 2])
    const time = setInterval(() => clock.advance(20), 20)
    await has('joined_meeting')
    seat.leave('user_requested')
    await seat.done
    clearInterval(time)
  })

  test.each(['down', 'html', 500, 503, 429, 404] as const)(
    'a server that answers a request for a bot with %s is asked again, with the same key',
    async (kind) => {
      const { url, room, bots } = newRoom()
      const { bot } = await world.claim(url)
      const begun = world.attendee.madeCount
      world.attendee.order({ kind, on: 'POST', times: 2, retryAfterSeconds: 0 })
      world.attendee.order({ kind, on: /^GET .*deduplication_key/, times: 1, retryAfterSeconds: 0 })
      const { seat, has } = await watchSeat(runner, bot, url)
      if (kind === 404) {
        await seat.done
        expect(bots()).toEqual([])
        return
      }
      await has('joined_meeting')
      expect([world.attendee.madeCount - begun, room.participants().length]).toEqual([1, 1])
      seat.leave('user_requested')
      await seat.done
    },
  )

  test('a request that ran out of time after the bot was made finds that bot, and no second one is made', async () => {
    const { url, room, bots } = newRoom()
    const { bot } = await world.claim(url)
    const begun = world.attendee.madeCount
    world.attendee.order({ kind: 'done_unanswered', on: 'POST', times: 1 })
    const { seat, has } = await watchSeat(runner, bot, url)
    await has('joined_meeting')
    expect([bots().length, world.attendee.madeCount - begun, room.participants().length]).toEqual([1, 1, 1])
    seat.leave('user_requested')
    await seat.done
  })

  test('a refused key is looked up and never answered with another one', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const headers = { authorization: `Token ${world.attendee.apiKey}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ meeting_url: url, bot_name: 'Notes', deduplication_key: `${bot.id}-${bot.fence}` })
    await fetch(`${world.attendee.origin}/api/v1/bots`, { method: 'POST', headers, body })
    const { seat, has } = await watchSeat(runner, bot, url)
    await has('joined_meeting')
    expect(bots().map(({ order }) => order.deduplicationKey)).toEqual([`${bot.id}-${bot.fence}`])
    seat.leave('user_requested')
    await seat.done
  })

  test.each([
    [400, 'attendee_refused'],
    [401, 'attendee_key_refused'],
    [403, 'attendee_key_refused'],
    [404, 'attendee_refused'],
  ] as const)(
    'a server that refuses with %s for good is a bot that was not launched, with the reason',
    async (kind, reason) => {
      const { url, bots } = newRoom()
      const { bot } = await world.claim(url)
      world.attendee.order({ kind, on: 'POST' })
      const { seat, events, moves } = await watchSeat(runner, bot, url)
      await seat.done
      expect(moves()).toEqual([`fatal_error: ${reason}`])
      expect(events[0]).toMatchObject({ detail: { said: `Ordered fault ${kind}` } })
      expect(bots()).toEqual([])
    },
  )

  test('with too little of the meeting left nobody is sent', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, events } = await watchSeat(runner, bot, url, { joinAt: later(-30), endsAt: later(1) })
    await seat.done
    expect(events[0]).toMatchObject({ event: 'fatal_error', end: 'found_too_late' })
    expect(bots()).toEqual([])
  })

  test('a server that is down or talks nonsense in the middle of a meeting costs nothing', async () => {
    const { url, room } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, has, moves } = await watchSeat(runner, bot, url)
    await has('joined_meeting')
    for (const kind of ['down', 'html', 500, 429] as const)
      world.attendee.order({ kind, on: 'GET', times: 2, retryAfterSeconds: 0 })
    room.end()
    await seat.done
    expect(moves().slice(-1)).toEqual(['meeting_ended'])
  })

  test('a server that forgot a bot has lost it', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, has, moves } = await watchSeat(runner, bot, url)
    await has('joined_meeting')
    world.attendee.forget(bots()[0]?.id ?? '')
    await seat.done
    expect(moves().at(-1)).toBe('fatal_error: attendee_forgot')
  })

  test('whoever claims a bot after its worker was lost goes on with it, and tells each event once', async () => {
    const { url, room, bots } = newRoom()
    const { bot, meeting } = await world.claim(url)
    const lost = world.openRunner()
    const before = await watchSeat(lost, bot, url)
    await before.has('recording_permission_granted')
    await write(bot, before.events)
    await lost[Symbol.asyncDispose]()
    expect(room.participants()).toHaveLength(1)
    const next = await world.claimAgain(meeting)
    expect([next.id, next.fence, next.state]).toEqual([bot.id, bot.fence + 1, 'joined_recording'])
    const after = await watchSeat(runner, next, url)
    room.end()
    await after.seat.done
    expect(after.moves()).toEqual(['meeting_ended'])
    expect([room.visits.length, bots().length]).toEqual([1, 1])
  })

  test('a worker that was lost before it heard of its bot leaves it to the next one', async () => {
    const { url, room, bots } = newRoom()
    const { bot, meeting } = await world.claim(url)
    const lost = world.openRunner({ timeoutMs: 60_000 })
    world.attendee.order({ kind: 'done_unanswered', on: 'POST', times: 1 })
    void (await watchSeat(lost, bot, url))
    await world.attendee.until(() => bots().length === 1)
    const next = await world.claimAgain(meeting)
    const { seat, has } = await watchSeat(runner, next, url)
    await has('joined_meeting')
    expect([bots().length, room.visits.length]).toEqual([1, 1])
    seat.leave('user_requested')
    await seat.done
  })

  test('a worker whose bot was claimed by another one asks the server for nothing', async () => {
    const { url, bots } = newRoom()
    const { bot, meeting } = await world.claim(url)
    await world.claimAgain(meeting)
    const { seat, moves } = await watchSeat(runner, bot, url)
    await seat.done
    expect([moves(), bots()]).toEqual([[], []])
  })

  test('other states of the server are noted, and ours stays the nearest', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, has, noted, moves } = await watchSeat(runner, bot, url)
    await has('recording_permission_granted')
    const told = [
      'recording_paused',
      'recording_resumed',
      'began_joining_breakout_room',
      'joined_breakout_room',
      'recording_permission_denied',
    ] as const
    for (const type of told) bots()[0]?.move(type)
    await expect.poll(noted).toEqual(told)
    bots()[0]?.move('meeting_ended')
    await seat.done
    expect(moves().at(-1)).toBe('meeting_ended: host_denied_permission')
  })

  test.each([
    ['fatal_error', 'out_of_credits'],
    ['fatal_error', 'heartbeat_timeout'],
    ['could_not_join_meeting', 'blocked_by_captcha'],
    ['could_not_join_meeting', 'zoom_sdk_internal_error'],
  ] as const)('the sub-type of %s is told as the server says it: %s', async (type, subType) => {
    const { url, room, bots } = newRoom()
    room.lobby = true
    const { bot } = await world.claim(url)
    const { seat, has, moves } = await watchSeat(runner, bot, url)
    await has('join_requested')
    await room.until(({ waiting }) => waiting().length === 1)
    bots()[0]?.move(type, subType)
    await seat.done
    expect(moves().at(-1)).toBe(`${type}: ${subType}`)
  })

  test('by an address with https the server is told where to send its notices', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    await using told = world.openRunner({ webhookUrl: 'https://meetings.example.com/dashboard/webhook/attendee/' })
    const { seat } = await watchSeat(told, bot, url, { joinAt: later(10) })
    await world.attendee.until(() => bots().length === 1)
    expect(bots()[0]?.order.webhooks).toEqual([
      {
        url: 'https://meetings.example.com/dashboard/webhook/attendee/',
        triggers: ['bot.state_change', 'transcript.update', 'participant_events.join_leave'],
      },
    ])
    seat.leave('user_requested')
    await seat.done
  })

  const words = (events: readonly SittingEvent[]) => events.flatMap((event) => (event.type === 'words' ? [event] : []))
  const texts = (events: readonly SittingEvent[]) =>
    words(events).flatMap(({ utterances }) => utterances.map(({ text, durationMs }) => [text, durationMs]))

  test('tells what is said while it is said: each once, again where it became another text, and nothing that is none yet', async () => {
    const { url, room } = newRoom()
    const { bot } = await world.claim(url)
    await seatGuest(url, 'Ana')
    const { seat, events } = await watchSeat(runner, bot, url)
    // That it records is told before anybody says anything.
    await expect.poll(() => words(events).length).toBe(1)
    expect(words(events)[0]).toMatchObject({ recordedFrom: expect.any(Date), utterances: [] })
    world.attendee.say(url, { speaker: 'Ana', text: 'Good' })
    await expect.poll(() => texts(events)).toEqual([['Good', 1_000]])
    world.attendee.say(url, { speaker: 'Somebody by telephone', text: '' })
    world.attendee.correct(url, 'Ana', { text: 'Good morning.', durationMs: 2_000 })
    await expect.poll(() => texts(events)).toHaveLength(2)
    world.attendee.correct(url, 'Somebody by telephone', { text: 'Hello.' })
    await expect.poll(() => texts(events)).toHaveLength(3)
    expect(texts(events).slice(1)).toEqual([
      ['Good morning.', 2_000],
      ['Hello.', 1_000],
    ])
    const [first, second] = words(events).flatMap(({ utterances }) => utterances)
    expect([second?.nativeId, second?.spokenAt]).toEqual([first?.nativeId, first?.spokenAt])
    expect(words(events).flatMap(({ people }) => people.map(({ name }) => name))).toEqual([
      'Ana',
      'Ana',
      'Somebody by telephone',
    ])
    // Only what was written since is asked for.
    const asked = world.attendee.requests.filter(({ path }) => path.includes('/transcript?updated_after='))
    expect(asked.length).toBeGreaterThan(0)
    room.end()
    await seat.done
  })

  test('tells who comes and goes while it sits there, and goes on where its words cannot be had', async () => {
    const { url, room } = newRoom()
    const { bot } = await world.claim(url)
    world.attendee.order({ kind: 500, on: /transcript|participant/, times: 6 })
    const { seat, has, events } = await watchSeat(runner, bot, url)
    await has('recording_permission_granted')
    const seen = () =>
      events.flatMap((event) => (event.type === 'participant' ? [[event.change, event.participant.name]] : []))
    const ana = await seatGuest(url, 'Ana')
    await expect.poll(seen).toEqual([['joined', 'Ana']])
    ana.leave()
    await expect.poll(seen).toEqual([
      ['joined', 'Ana'],
      ['left', 'Ana'],
    ])
    world.attendee.say(url, { speaker: 'Ben', text: 'Hello.' })
    await expect.poll(() => texts(events)).toEqual([['Hello.', 1_000]])
    room.end()
    await seat.done
  })

  test('what is to be said later is written into the chat once the bot is in, each text once and as the server takes it', async () => {
    const { url, room } = newRoom()
    room.lobby = true
    const { bot } = await world.claim(url)
    const { seat, events } = await watchSeat(runner, bot, url)
    seat.update({ say: 'This bot came on the invitation of Ana \u{1f600}.' })
    seat.update({ say: 'And of Ben.' })
    await room.until(({ waiting }) => waiting().length === 1)
    room.admit(room.waiting()[0]?.id ?? '')
    await room.until(({ chat }) => chat.length === 2)
    seat.update({ say: 'And of Ben.' })
    world.attendee.order({ kind: 400, on: /send_chat_message/, times: 2 })
    seat.update({ say: 'And of Cai.' })
    await room.until(({ chat }) => chat.length === 3)
    expect(room.chat.map(({ text }) => text)).toEqual([
      'This bot came on the invitation of Ana.',
      'And of Ben.',
      'And of Cai.',
    ])
    await expect.poll(() => events.filter(({ type }) => type === 'said').length).toBe(3)
    seat.leave('user_requested')
    await seat.done
  })

  test('before it is in the room nobody asks for words, and long after it neither', async () => {
    const { url, room } = newRoom()
    room.lobby = true
    const { bot } = await world.claim(url)
    const { seat } = await watchSeat(runner, bot, url)
    await room.until(({ waiting }) => waiting().length === 1)
    const ofBot = () =>
      world.attendee.requests.filter(({ path }) => path.includes(world.attendee.bots().at(-1)?.id ?? '-'))
    await expect.poll(() => ofBot().length).toBeGreaterThan(2)
    expect(ofBot().filter(({ path }) => /transcript|participant/.test(path))).toEqual([])
    seat.leave('user_requested')
    await seat.done
  })

  test('a notice of words ends the pause too, is believed as little, and leaves no trace', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    await using slow = world.openRunner({ pauses: { ...quickPauses, inRoomMs: 3_600_000 } })
    const { seat, events } = await watchSeat(slow, bot, url)
    await expect.poll(() => words(events).length).toBe(1)
    world.attendee.say(url, { speaker: 'Ana', text: 'Good morning.' })
    const { app } = world.testApp
    const secret = world.attendee.webhookSecret
    const said = { speaker_uuid: 'nobody', timestamp_ms: 1, transcription: { transcript: 'Something else.' } }
    const payload = { idempotency_key: bot.id, bot_id: bots()[0]?.id, trigger: 'transcript.update', data: said }
    const notice = { body: JSON.stringify(payload), signature: signPayload(payload, secret), secret }
    expect(await receiveAttendeeNotice(app, { ...notice, signature: 'wrong' })).toBe('not_believed')
    expect(await receiveAttendeeNotice(app, notice)).toBe('woken')
    await expect.poll(() => texts(events)).toEqual([['Good morning.', 1_000]])
    const stored = app.db.selectFrom('attendeeNotice').select('botId').where('botId', '=', bot.id)
    expect(await stored.execute()).toEqual([])
    seat.leave('user_requested')
    await seat.done
  })

  test('a notice ends the pause between two looks', async () => {
    const { url, room, bots } = newRoom()
    const { bot } = await world.claim(url)
    await using slow = world.openRunner({ pauses: { ...quickPauses, inRoomMs: 3_600_000 } })
    const { seat, has } = await watchSeat(slow, bot, url)
    await has('recording_permission_granted')
    room.end()
    await world.attendee.until(() => bots()[0]?.state === 'ended')
    const payload = { idempotency_key: bot.id, bot_id: bots()[0]?.id, trigger: 'bot.state_change', data: {} }
    const secret = world.attendee.webhookSecret
    const outcome = await receiveAttendeeNotice(world.testApp.app, {
      body: JSON.stringify(payload),
      signature: signPayload(payload, secret),
      secret,
    })
    expect(outcome).toBe('woken')
    await seat.done
  })

  /** Writes down what was told, as the worker does. */
  async function write(bot: { id: string; fence: number }, events: readonly SittingEvent[]) {
    let state: BotState = 'staged'
    for (const event of events) {
      if (event.type !== 'moved') continue
      const at: { id: string; fence: number; state: BotState } = { ...bot, state }
      const work = (trx: Transaction) => moveBot(trx, { ...event, bot: at, now: new Date() })
      state = (await inTransaction(world.testApp.app.db, work)) ?? state
    }
  }
})
