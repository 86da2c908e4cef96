import { describe, expect, test } from 'vitest'
import { botStates } from '../../features/bots/index.ts'
import type { Decision, Reason } from '../../features/meetings/index.ts'
import { askable, currentBot, statusOf } from './meeting-status.ts'
import { meetingStatuses } from './status.ts'

const now = new Date('2026-11-23T08:00:00Z')
const meeting = (decision: Decision, reason: Reason = 'wanted', endsAt = '2026-11-23T09:00:00Z') => ({
  decision,
  reason,
  endsAt: new Date(endsAt),
})
const bot = (state: string, outcome: string | null = null) => ({ state, outcome })

describe('The status of a meeting', () => {
  test('is what was decided while there is no bot', () => {
    expect(statusOf(meeting('attend'), undefined, now)).toBe('planned')
    expect(statusOf(meeting('observe'), undefined, now)).toBe('not_planned')
    expect(statusOf(meeting('no_runner'), undefined, now)).toBe('not_planned')
    expect(statusOf(meeting('skip', 'private'), undefined, now)).toBe('not_planned')
    expect(statusOf(meeting('skip', 'cancelled'), undefined, now)).toBe('cancelled')
    expect(statusOf(meeting('skip', 'gone'), undefined, now)).toBe('cancelled')
  })

  test('is missed where it was to be attended and is over without a bot that began', () => {
    const past = meeting('attend', 'wanted', '2026-11-23T07:00:00Z')
    expect(statusOf(past, undefined, now)).toBe('missed')
    expect(statusOf(past, bot('scheduled'), now)).toBe('missed')
    expect(statusOf(past, bot('fatal_error', 'not_launched'), now)).toBe('missed')
    expect(statusOf(past, bot('fatal_error', 'lobby_timed_out'), now)).toBe('failed')
  })

  test("follows the bot's state, and never says delivered without evidence", () => {
    const attended = meeting('attend')
    const said = botStates.map((state) => statusOf(attended, bot(state), now))
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

  test('comes from the last bot that was not cancelled', () => {
    const view = (id: string, state: string) => ({
      id,
      meetingId: 'm',
      runner: 'browser',
      origin: 'calendar',
      state,
      joinAt: now,
      createdAt: now,
      outcome: null,
      end: null,
      by: null,
      said: null,
    })
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

  test('has a word and a shape that no other status has', () => {
    const all = Object.values(meetingStatuses)
    expect(new Set(all.map(({ word }) => word)).size).toBe(all.length)
    expect(new Set(all.map(({ shape }) => shape)).size).toBe(all.length)
  })
})
