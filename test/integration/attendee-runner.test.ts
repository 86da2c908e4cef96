import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { signPayload } from '../../sandbox/attendee/canonical-json.ts'
import { createManualClock, systemClock } from '../../src/base/clock.ts'
import { MINUTE_MS } from '../../src/base/time.ts'
import {
  type BotState,
  limitsWith,
  moveBot,
  type Runner,
  receiveAttendeeNotice,
  type SittingEvent,
} from '../../src/features/bots/index.ts'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import {
  type AttendeeWorld,
  createAttendeeWorld,
  quickPauses,
  seatGuest,
  watchSeat,
} from '../support/attendee-world.ts'

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
  const gathered = (events: readonly SittingEvent[]) =>
    events.flatMap((event) => (event.type === 'gathered' ? [event.gathered] : []))

  test('orders a bot with our ids, name, chat line and limits, and as sound only', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    const minutes = { lobbyMs: 7, aloneMs: 3, silenceMs: 25, stayMs: 300, lateJoinMs: 2 }
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
        only_participant_in_meeting_timeout_seconds: 3 * 60,
        silence_timeout_seconds: 25 * 60,
        max_uptime_seconds: 300 * 60,
      },
      webhooks: [],
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
    await using other = await createAttendeeWorld({ clock })
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
    await expect.poll(asked).toBeGreaterThan(1)
    clock.set(joinAt)
    const time = setInterval(() => clock.advance(20), 20)
    await seat.done
    clearInterval(time)
    expect(noted()).toEqual(['staged'])
    expect(moves()).toEqual(['join_requested', 'leave_requested: user_requested', 'left_meeting'])
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
      expect(events[0]).toMatchObject({ detail: { said: expect.stringMatching(/Attendee server refuse/) } })
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
    bots()[0]?.move('meeting_ended', null, { remover_name: 'Ana' })
    await seat.done
    expect(moves().at(-1)).toBe('meeting_ended: removed_from_meeting')
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
    await has('put_in_waiting_room')
    bots()[0]?.move(type, subType)
    await seat.done
    expect(moves().at(-1)).toBe(`${type}: ${subType}`)
  })

  test('brings people, words and a file, however often the server fails and however soon its links run out', async () => {
    await using other = await createAttendeeWorld({ linkValidMs: 300, pageSize: 1 })
    await using flaky = other.openRunner()
    const url = `${other.sandbox.origin}/rooms/results`
    const room = other.sandbox.rooms.room('results')
    await seatGuest(url, 'Ana')
    const ben = await seatGuest(url, 'Ben')
    const { bot } = await other.claim(url)
    const { seat, has, events } = await watchSeat(flaky, bot, url)
    await has('recording_permission_granted')
    other.attendee.say(url, { speaker: 'Ana', text: 'Erste Zeile' })
    other.attendee.say(url, { speaker: 'Ben', text: 'Zweite Zeile' })
    other.attendee.say(url, { speaker: 'Somebody by telephone', text: 'Third line' })
    ben.leave()
    await room.until(({ participants }) => participants().length === 2)
    await other.attendee.until(
      () => other.attendee.bots()[0]?.participantEvents.some(({ type }) => type === 'leave') === true,
    )
    other.attendee.order({ kind: 500, on: /transcript|participants|recording/, times: 6 })
    room.end()
    await seat.done
    const [results] = gathered(events)
    expect(results).toMatchObject({ hasSound: true, isSpeechMissing: false })
    expect(results?.utterances.map(({ text }) => text)).toEqual(['Erste Zeile', 'Zweite Zeile', 'Third line'])
    expect(results?.people.map(({ name, leftAt }) => [name, leftAt !== null])).toEqual([
      ['Ana', true],
      ['Ben', true],
      ['Somebody by telephone', false],
    ])
    await new Promise((resolve) => setTimeout(resolve, 350))
    other.attendee.order({ kind: 403, on: /^GET \/media/, times: 1 })
    const bytes: Uint8Array[] = []
    for await (const piece of results?.media?.() ?? []) bytes.push(piece)
    expect(Buffer.concat(bytes).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfb]))
    const media = other.attendee.requests.filter(({ path }) => path.startsWith('/media/'))
    expect(media.map(({ headers }) => headers.authorization)).toEqual(media.map(() => undefined))
  })

  test('without words and without a file nothing is claimed to have been recorded', async () => {
    const { url, room, bots } = newRoom()
    const { bot } = await world.claim(url)
    const { seat, has, events } = await watchSeat(runner, bot, url)
    await has('recording_permission_granted')
    Object.assign(bots()[0] ?? {}, { recordingFails: true, transcriptionFails: true })
    room.end()
    await seat.done
    expect(gathered(events)).toMatchObject([{ hasSound: false, media: null, isSpeechMissing: true, utterances: [] }])
  })

  test('by an address with https the server is told where to send its notices', async () => {
    const { url, bots } = newRoom()
    const { bot } = await world.claim(url)
    await using told = world.openRunner({ webhookUrl: 'https://meetings.example.com/dashboard/webhook/attendee/' })
    const { seat } = await watchSeat(told, bot, url, { joinAt: later(10) })
    await world.attendee.until(() => bots().length === 1)
    expect(bots()[0]?.order.webhooks).toEqual([
      { url: 'https://meetings.example.com/dashboard/webhook/attendee/', triggers: ['bot.state_change'] },
    ])
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
    const outcome = await receiveAttendeeNotice(
      { db: world.testApp.app.db, clock: systemClock },
      { body: JSON.stringify(payload), signature: signPayload(payload, secret), secret },
    )
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
