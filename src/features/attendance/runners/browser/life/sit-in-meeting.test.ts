import { expect, test } from 'vitest'
import { createManualClock } from '../../../../../../test/support/manual-clock.ts'
import { AppError } from '../../../../../base/errors.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../../base/time.ts'
import { defaultLimits } from '../../../../bots/sitting-limits.ts'
import type { Observation, RoomState, SeenParticipant } from '../../../platforms/platform.ts'
import { tellMove } from '../../runner.contract.ts'
import type { Hearing, Sitting, SittingEvent } from '../../runner.ts'
import { type RoomPage, type SittingWishes, sitInMeeting } from './sit-in-meeting.ts'

const START = new Date('2026-11-23T09:00:00Z')
const bot: SeenParticipant = { nativeId: 'bot', name: 'Meeting Assistant', isSelf: true }
const ana: SeenParticipant = { nativeId: 'a', name: 'Ana', isSelf: false }
const otherBot: SeenParticipant = { nativeId: 'o', name: 'Other Notetaker', isSelf: false }

/** What the page shows and hears at a time since the start. */
interface Scene {
  state: RoomState
  evidence?: string[]
  people?: SeenParticipant[]
  hearing?: Hearing
  hasSound?: boolean
  heard?: string[]
}

/** Plays a meeting by the clock alone; answers what the bot told. */
async function play(
  scene: (sinceMs: number) => Scene,
  more: {
    sitting?: Partial<Sitting>
    room?: Partial<RoomPage>
    onPause?: (wishes: SittingWishes, sinceMs: number) => void
  } = {},
) {
  const clock = createManualClock(START)
  const since = () => clock.now().getTime() - START.getTime()
  const events: SittingEvent[] = []
  const steps: string[] = []
  const note = (step: string) => async () => void steps.push(step)
  let soundAtMs: number | undefined
  const room: RoomPage = {
    open: note('open'),
    roomAddress: async () => null,
    requestJoin: note('join'),
    leave: note('leave'),
    stopRecording: note('stop'),
    startRecording: async () => clock.now(),
    say: async () => true,
    async observe(): Promise<Observation> {
      const { state, evidence = ['one', 'two'], people = [] } = scene(since())
      return { state, evidence, participants: state === 'in_meeting' ? [bot, ...people] : [] }
    },
    listen() {
      const { hearing = 'well', hasSound = false, heard = [] } = scene(since())
      if (hasSound) soundAtMs = clock.now().getTime()
      return { hearing, soundAtMs, heard }
    },
    ...more.room,
  }
  const sitting: Sitting = {
    botId: 'bot_1',
    fence: 1,
    resumesFrom: null,
    platform: 'sandbox',
    url: 'http://127.0.0.1/rooms/x',
    botName: 'Meeting Assistant',
    otherBotNames: ['Notetaker'],
    chatLine: 'This meeting is recorded.',
    joinAt: START,
    endsAt: new Date(START.getTime() + HOUR_MS),
    limits: { ...defaultLimits, pollMs: SECOND_MS },
    ...more.sitting,
  }
  const { joinAt, endsAt, url } = sitting
  const wishes: SittingWishes = { leave: undefined, joinAt, endsAt, url }
  const pause = async (ms: number) => {
    // Opening the page takes no time here.
    if (!steps.includes('join') && clock.now() >= wishes.joinAt) return
    clock.advance(ms)
    more.onPause?.(wishes, since())
  }
  await sitInMeeting({ room, clock, pause, emit: (event) => void events.push(event) }, sitting, wishes)
  const moves = events.flatMap((event) => (event.type === 'moved' ? [tellMove(event)] : []))
  return { events, moves, steps, tookMs: since() }
}

const inMeeting = (people: SeenParticipant[], more: Partial<Scene> = {}): Scene => ({
  state: 'in_meeting',
  people,
  ...more,
})
const left = (end: string) => ['join_requested', 'joined_meeting', `leave_requested: ${end}`, 'left_meeting']
const refusedFor = (end: string) => `could_not_join_meeting: ${end}`

test('ten hours of silence end after the first 20 minutes and 10 more', async () => {
  const { moves, tookMs, steps } = await play(() => inMeeting([ana]), {
    sitting: { endsAt: new Date(START.getTime() + 10 * HOUR_MS) },
  })
  expect(moves).toEqual(left('auto_leave_silence'))
  expect(tookMs).toBe(30 * MINUTE_MS)
  expect(steps).toEqual(['open', 'join', 'leave', 'stop'])
})

test('a sound begins the silence anew', async () => {
  const { tookMs } = await play((at) => inMeeting([ana], { hasSound: at <= 50 * MINUTE_MS }))
  expect(tookMs).toBe(60 * MINUTE_MS)
})

test('ears that do not hear well know nothing of silence, so the bot stays up to its limit', async () => {
  const { moves, tookMs } = await play(() => inMeeting([ana], { hearing: 'no_packets' }))
  expect(moves).toEqual(left('auto_leave_max_uptime_exceeded'))
  expect(tookMs).toBe(4 * HOUR_MS)
})

test('broken ears for a minute while people are there are a failure, and are told', async () => {
  const { moves, events } = await play((at) => inMeeting([ana], { hearing: at < 5 * MINUTE_MS ? 'well' : 'no_frames' }))
  expect(moves.at(-1)).toBe('fatal_error: media_dead')
  expect(events).toContainEqual(expect.objectContaining({ type: 'hearing', hearing: 'no_frames' }))
})

test('alone for 60 seconds it leaves; for less it stays', async () => {
  const comesBack = (at: number) => at < 5 * MINUTE_MS || (at > 5.9 * MINUTE_MS && at < 10 * MINUTE_MS)
  const { moves, tookMs } = await play((at) => inMeeting(comesBack(at) ? [ana] : []))
  expect(moves).toEqual(left('auto_leave_only_participant_in_meeting'))
  expect(tookMs).toBe(11 * MINUTE_MS - SECOND_MS)
})

test('another bot is no company', async () => {
  const { tookMs } = await play((at) => inMeeting(at < MINUTE_MS ? [ana, otherBot] : [otherBot]))
  expect(tookMs).toBe(2 * MINUTE_MS - SECOND_MS)
})

test('whoever has the bot’s name and speaks is company', async () => {
  const double = { nativeId: 'd', name: 'Meeting Assistant', isSelf: false }
  const { tookMs, moves } = await play((at) =>
    inMeeting(at < 40 * MINUTE_MS ? [double] : [], { heard: ['d'], hasSound: true }),
  )
  expect(moves).toEqual(left('auto_leave_only_participant_in_meeting'))
  expect(tookMs).toBeGreaterThan(40 * MINUTE_MS)
})

test('a meeting that never starts is left after 15 minutes, and never later than a minute after its end', async () => {
  expect((await play(() => inMeeting([]))).tookMs).toBe(15 * MINUTE_MS)
  const short = await play(() => inMeeting([]), { sitting: { endsAt: new Date(START.getTime() + 5 * MINUTE_MS) } })
  expect(short.tookMs).toBe(5 * MINUTE_MS)
  expect(short.moves).toEqual(left('auto_leave_only_participant_in_meeting'))
})

test('running over is allowed while people stay, for at most four hours', async () => {
  const { moves, tookMs } = await play(() => inMeeting([ana], { hasSound: true }))
  expect(moves).toEqual(left('auto_leave_max_uptime_exceeded'))
  expect(tookMs).toBe(4 * HOUR_MS)
})

test('the lobby is borne for 15 minutes, and never longer than the meeting', async () => {
  const long = await play(() => ({ state: 'lobby' }))
  expect(long.moves).toEqual(['join_requested', 'put_in_waiting_room', refusedFor('waiting_room_timeout_exceeded')])
  expect(long.tookMs).toBe(15 * MINUTE_MS)
  expect(long.steps).toContain('leave')
  const short = await play(() => ({ state: 'lobby' }), {
    sitting: { endsAt: new Date(START.getTime() + 4 * MINUTE_MS) },
  })
  expect(short.tookMs).toBe(4 * MINUTE_MS)
  const shortened = await play(() => ({ state: 'lobby' }), {
    onPause: (wishes) => {
      wishes.endsAt = new Date(START.getTime() + 2 * MINUTE_MS)
    },
  })
  expect(shortened.tookMs).toBe(2 * MINUTE_MS)
})

test.each([
  ['denied', refusedFor('request_to_join_denied')],
  ['lobby_timed_out', refusedFor('waiting_room_timeout_exceeded')],
  ['not_found', refusedFor('meeting_not_found')],
  ['login_required', refusedFor('login_required')],
  ['disconnected', refusedFor('unable_to_connect_to_meeting')],
  ['ended', 'meeting_ended'],
] as const)('a room that says %s at the door ends it as such', async (state, last) => {
  expect((await play(() => ({ state }))).moves.at(-1)).toBe(last)
})

test.each([
  ['removed', 'meeting_ended: removed_from_meeting'],
  ['ended', 'meeting_ended'],
  ['disconnected', 'fatal_error: connection_lost'],
] as const)('%s in the room ends it as such', async (state, last) => {
  const { moves } = await play((at) => (at < MINUTE_MS ? inMeeting([ana]) : { state }))
  expect(moves).toEqual(['join_requested', 'joined_meeting', last])
})

test('one proof is not enough to be in, and an unknown page is never a refusal', async () => {
  const one = await play(() => ({ state: 'in_meeting', evidence: ['leave button'] }))
  expect(one.moves).toEqual(['join_requested', refusedFor('unable_to_connect_to_meeting')])
  const unknown = await play(() => ({ state: 'unknown' }))
  expect(unknown.moves.at(-1)).toBe(refusedFor('ui_element_not_found'))
  const short = await play((at) => (at > MINUTE_MS && at < 1.5 * MINUTE_MS ? { state: 'unknown' } : inMeeting([ana])))
  expect(short.moves).toEqual(left('auto_leave_silence'))
})

test('put back into the lobby it is in the waiting room again, and records on when it is let in', async () => {
  const { moves, events } = await play((at) => {
    if (at > 3 * MINUTE_MS) return { state: 'ended' }
    return at > MINUTE_MS && at < 2 * MINUTE_MS ? { state: 'lobby' } : inMeeting([ana])
  })
  expect(moves).toEqual(['join_requested', 'joined_meeting', 'put_in_waiting_room', 'joined_meeting', 'meeting_ended'])
  expect(events.filter(({ type }) => type === 'recording_started')).toHaveLength(1)
})

test('it asks for entry at the start itself and leaves when asked, at whatever moment', async () => {
  const joinAt = new Date(START.getTime() + 90 * SECOND_MS)
  const { events, moves } = await play(() => inMeeting([ana]), {
    sitting: { joinAt },
    onPause: (wishes, at) => {
      if (at > 5 * MINUTE_MS) wishes.leave = 'user_requested'
    },
  })
  expect(events[0]).toMatchObject({ event: 'join_requested', at: joinAt })
  expect(moves).toEqual(left('user_requested'))
  const early = await play(() => inMeeting([ana]), {
    sitting: { joinAt },
    onPause: (wishes) => {
      wishes.leave = 'user_requested'
    },
  })
  expect(early.moves).toEqual(['leave_requested: user_requested', 'left_meeting'])
})

test('where its link leads is told at the door, and it enters only what it is told to', async () => {
  const joinAt = new Date(START.getTime() + 90 * SECOND_MS)
  const ledTo = 'http://127.0.0.1/rooms/own'
  const room = { roomAddress: async () => ledTo }
  const meant = await play(() => inMeeting([ana]), {
    ...{ sitting: { joinAt, asksWhereItLeads: true }, room },
    onPause: (wishes, at) => {
      if (at > 5 * MINUTE_MS) wishes.leave = 'user_requested'
      else if (at >= 30 * SECOND_MS) wishes.leadsTo = ledTo
    },
  })
  expect(meant.events[0]).toMatchObject({ type: 'led_to', url: ledTo })
  expect(meant.events[1]).toMatchObject({ event: 'join_requested', at: joinAt })
  const other = await play(() => inMeeting([ana]), {
    ...{ sitting: { joinAt, asksWhereItLeads: true }, room },
    onPause: (wishes, at) => {
      wishes.leadsTo = 'http://127.0.0.1/rooms/another'
      if (at >= 80 * SECOND_MS) wishes.leave = 'meeting_moved'
    },
  })
  expect(other.steps).toEqual(['open'])
  expect(other.moves).toEqual(['leave_requested: meeting_moved', 'left_meeting'])
})

test('a page that does not answer three times is a crash, and is asked for nothing more', async () => {
  let looks = 0
  const observe = async (): Promise<Observation> => {
    if (++looks < 5) return { state: 'in_meeting', evidence: ['one', 'two'], participants: [bot, ana] }
    throw new AppError('page_unresponsive', 'It did not answer.')
  }
  const { moves, steps } = await play(() => inMeeting([ana]), { room: { observe } })
  expect(moves.at(-1)).toBe('fatal_error: page_unresponsive')
  // It would answer neither of the two either.
  expect(steps).toEqual(['open', 'join'])
})

test('what it writes into the chat is told; a chat that fails is not', async () => {
  const { events } = await play(() => inMeeting([ana]))
  expect(events).toContainEqual(expect.objectContaining({ type: 'said', text: 'This meeting is recorded.' }))
  const silent = await play(() => inMeeting([ana]), { room: { say: () => Promise.reject(new Error('no chat')) } })
  expect(silent.events.some(({ type }) => type === 'said')).toBe(false)
})

test('a page that cannot be opened is a meeting that could not be joined', async () => {
  const open = () => Promise.reject(new AppError('unable_to_connect_to_meeting', 'net::ERR_CONNECTION_REFUSED'))
  const { moves } = await play(() => ({ state: 'unknown' }), { room: { open } })
  expect(moves).toEqual(['join_requested', refusedFor('unable_to_connect_to_meeting')])
})
