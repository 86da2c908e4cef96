import { describe, expect, test } from 'vitest'
import { botStates } from '../../features/bots/index.ts'
import type { Reason } from '../../features/meetings/index.ts'
import type { Decision } from '../../features/meetings/meeting.ts'
import { askable, currentBot, standingOf, statusOf } from './meeting-status.ts'
import { type MeetingStatus, meetingStatuses } from './status.ts'

const now = new Date('2026-11-23T08:00:00Z')
const meeting = (decision: Decision, reason: Reason = 'wanted', endsAt = '2026-11-23T09:00:00Z') => ({
  decision,
  reason,
  endsAt: new Date(endsAt),
})
const bot = (state: string, outcome: string | null = null, awaitsWords = false) => ({ state, outcome, awaitsWords })
const facts = { isHeard: true, now }

const view = (id: string, state: string) => ({
  id,
  meetingId: 'm',
  runner: 'attendee',
  origin: 'calendar',
  state,
  joinAt: new Date('2026-11-23T08:30:00Z'),
  createdAt: now,
  outcome: null,
  end: null,
  by: null,
  said: null,
  awaitsWords: false,
  mayBeInRoom: false,
})

describe('The status of a meeting', () => {
  test('is what was decided while there is no bot', () => {
    expect(statusOf(meeting('attend'), undefined, facts)).toBe('planned')
    expect(statusOf(meeting('observe'), undefined, facts)).toBe('not_planned')
    expect(statusOf(meeting('no_runner'), undefined, facts)).toBe('not_planned')
    expect(statusOf(meeting('skip', 'private'), undefined, facts)).toBe('not_planned')
    expect(statusOf(meeting('skip', 'cancelled'), undefined, facts)).toBe('cancelled')
    expect(statusOf(meeting('skip', 'gone'), undefined, facts)).toBe('cancelled')
  })

  test('is missed where it was to be attended and is over without a bot that began', () => {
    const past = meeting('attend', 'wanted', '2026-11-23T07:00:00Z')
    expect(statusOf(past, undefined, facts)).toBe('missed')
    expect(statusOf(past, bot('scheduled'), facts)).toBe('missed')
    expect(statusOf(past, bot('fatal_error', 'not_launched'), facts)).toBe('missed')
    expect(statusOf(past, bot('fatal_error', 'lobby_timed_out'), facts)).toBe('failed')
  })

  test("follows the bot's state", () => {
    const attended = meeting('attend')
    const said = botStates.map((state) => statusOf(attended, bot(state), facts))
    expect(said).toEqual([
      'planned',
      'planned',
      'joining',
      'waiting',
      'recording',
      'processing',
      'processing',
      'attended',
      'failed',
      'planned',
    ])
  })

  test('is attended only where something was recorded or heard', () => {
    const unheard = { isHeard: false, now }
    const of = (outcome: string, awaitsWords = false) =>
      statusOf(meeting('attend'), bot('ended', outcome, awaitsWords), unheard)
    expect(of('served')).toBe('no_sound')
    expect(of('served', true)).toBe('processing')
    expect(of('refused')).toBe('no_sound')
    expect(of('stopped')).toBe('cancelled')
    expect(of('cancelled')).toBe('cancelled')
    expect(statusOf(meeting('attend'), bot('ended', 'stopped'), facts)).toBe('attended')
  })

  test('comes from the last bot that was not cancelled', () => {
    const bots = [view('a', 'fatal_error'), view('b', 'joining'), view('c', 'cancelled')]
    expect(currentBot(bots)?.id).toBe('b')
    expect(currentBot([])).toBeUndefined()
  })

  test('says what can be asked: to leave only of a bot that is in the room or at its door', () => {
    expect(askable(meeting('skip', 'private'), undefined)).toBe('send')
    expect(askable(meeting('attend'), undefined)).toBe('send_none')
    const asked = botStates.map((state) => askable(meeting('attend'), bot(state)))
    expect(asked).toEqual([
      'send_none',
      'send_none',
      'leave',
      'leave',
      'leave',
      undefined,
      undefined,
      'send',
      'send',
      'send_none',
    ])
  })

  test('is one that some meeting has: none is only a word', () => {
    const seen = new Set<MeetingStatus>()
    for (const isHeard of [true, false])
      for (const endsAt of ['2026-11-23T07:00:00Z', '2026-11-23T09:00:00Z']) {
        seen.add(statusOf(meeting('skip', 'private', endsAt), undefined, { isHeard, now }))
        seen.add(statusOf(meeting('skip', 'cancelled', endsAt), undefined, { isHeard, now }))
        const full = {
          total: 0,
          taken: { browser: 0, attendee: 0 },
          workers: [{ capacity: 0, runners: ['attendee' as const], isDraining: false }],
        }
        const due = { ...view('a', 'scheduled'), joinAt: now }
        seen.add(standingOf(meeting('attend', 'wanted', endsAt), [due], { capacity: full, isHeard, now }).status)
        for (const state of botStates)
          seen.add(statusOf(meeting('attend', 'wanted', endsAt), bot(state), { isHeard, now }))
      }
    expect([...seen].toSorted()).toEqual(Object.keys(meetingStatuses).toSorted())
  })

  test('has a word and a shape that no other status has', () => {
    const all = Object.values(meetingStatuses)
    expect(new Set(all.map(({ word }) => word)).size).toBe(all.length)
    expect(new Set(all.map(({ shape }) => shape)).size).toBe(all.length)
  })
})

describe('How a meeting stands', () => {
  const capacity = { total: 20, taken: { browser: 0, attendee: 0 }, workers: [] }
  const unfit = 'The Attendee server takes no links of this service.'
  const sentenceOf = (bots: Parameters<typeof standingOf>[1], of = meeting('attend')) =>
    standingOf(of, bots, { capacity, isHeard: false, now, unfit }).sentence

  test('says before it that the server takes no such link, also while bots stay away, and not once it is over', () => {
    expect(sentenceOf([view('a', 'scheduled')])).toBe(unfit)
    expect(sentenceOf([], meeting('observe'))).toBe(unfit)
    expect(sentenceOf([], meeting('skip', 'private'))).toBeNull()
    expect(sentenceOf([view('a', 'joined_recording')])).toBeNull()
    expect(sentenceOf([], meeting('attend', 'wanted', '2026-11-23T07:00:00Z'))).not.toContain(unfit)
  })

  test('says what a server refused while the next attempt waits', () => {
    const refused = { ...view('a', 'fatal_error'), end: 'attendee_key_refused', said: 'Invalid or disabled API key' }
    expect(sentenceOf([refused, view('b', 'scheduled')])).toMatch(
      /^The Attendee server does not accept our key\. “Invalid or disabled API key” Set ATTENDEE_API_KEY .* It is tried again\.$/,
    )
  })
})
