import { expect, test } from 'vitest'
import { botEventTypes, botStates, finalStates, nextState } from './bot-state.ts'

test('every pair of state and event either moves or is refused, and none throws', () => {
  for (const state of botStates) {
    for (const event of botEventTypes) {
      const next = nextState(state, event)
      expect(next === null || botStates.includes(next), `${state} + ${event}`).toBe(true)
    }
  }
})

test('nothing leaves a final state', () => {
  for (const state of finalStates) {
    expect(botEventTypes.map((event) => nextState(state, event)).every((next) => next === null)).toBe(true)
  }
})

test('from every state that is not final some final state can be reached', () => {
  const reaches = (from: (typeof botStates)[number]) => {
    const seen = new Set([from])
    for (const state of seen) for (const event of botEventTypes) seen.add(nextState(state, event) ?? state)
    return finalStates.some((final) => seen.has(final))
  }
  expect(botStates.filter((state) => !reaches(state))).toEqual([])
})

test('a bot that has been in a meeting is never cancelled, and one that waits never ends as attended', () => {
  expect(nextState('joined_recording', 'cancelled')).toBeNull()
  expect(nextState('post_processing', 'cancelled')).toBeNull()
  expect(botEventTypes.map((event) => nextState('scheduled', event))).not.toContain('ended')
})

test('a good meeting passes through the states in their order', () => {
  const events = [
    'staged',
    'join_requested',
    'put_in_waiting_room',
    'joined_meeting',
    'leave_requested',
    'left_meeting',
    'post_processing_completed',
  ] as const
  let state: (typeof botStates)[number] = 'scheduled'
  for (const event of events) state = nextState(state, event) ?? state
  expect(state).toBe('ended')
})
