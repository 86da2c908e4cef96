import { expect, test } from 'vitest'
import { botStates, isFinal, nextState } from '../../bots/bot-state.ts'
import { defaultLimits, limitsWith } from '../../bots/sitting-limits.ts'
import { overdueEnd } from './bot-deadline.ts'

const at = new Date('2026-11-23T09:00:00Z')
const endsAt = new Date('2026-11-23T10:00:00Z')
const nextWeek = new Date('2026-11-30T09:00:00Z')

test('every state that is not final has an end that its table allows, and a final one has none', () => {
  for (const state of botStates) {
    const end = overdueEnd({ runner: 'browser', state, stateAt: at, joinAt: at }, { endsAt }, defaultLimits, nextWeek)
    expect(end === undefined, state).toBe(isFinal(state))
    if (end) expect(nextState(state, end.event), state).not.toBeNull()
  }
})

test('no state is over as soon as it begins', () => {
  for (const state of botStates)
    expect(
      overdueEnd({ runner: 'browser', state, stateAt: at, joinAt: at }, { endsAt }, defaultLimits, at),
    ).toBeUndefined()
})

test('a bot waits for a place while its meeting can be joined, and hears on to its end', () => {
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  const scheduled = { runner: 'browser' as const, state: 'scheduled' as const, stateAt: at, joinAt: at }
  expect(overdueEnd(scheduled, { endsAt }, defaultLimits, minutes(57))).toBeUndefined()
  expect(overdueEnd(scheduled, { endsAt }, defaultLimits, minutes(58))).toMatchObject({ event: 'fatal_error' })
  const trailing = { runner: 'browser' as const, state: 'post_processing' as const, stateAt: at, joinAt: at }
  expect(overdueEnd(trailing, { endsAt }, defaultLimits, minutes(64))).toBeUndefined()
  expect(overdueEnd(trailing, { endsAt }, defaultLimits, minutes(65))).toEqual({ event: 'post_processing_completed' })
})

test('the limits that are set count for those whose holder does not see to them, and for how late is too late', () => {
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  const set = { lobbyMs: 30, hostMs: 10, aloneMs: 1, silenceMs: 10, stayMs: 45, lateJoinMs: 20 }
  const limits = limitsWith(
    Object.fromEntries(Object.entries(set).map(([name, count]) => [name, count * 60_000])) as typeof set,
  )
  const endOf = (state: 'scheduled' | 'waiting_room' | 'joined_recording', count: number) =>
    overdueEnd({ runner: 'browser', state, stateAt: at, joinAt: at }, { endsAt }, limits, minutes(count))
  expect([endOf('scheduled', 39), endOf('waiting_room', 31), endOf('joined_recording', 46)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  for (const [state, count] of [
    ['scheduled', 40],
    ['waiting_room', 32],
    ['joined_recording', 47],
  ] as const)
    expect(endOf(state, count), state).toBeDefined()
})

test('a server’s bot is joining for as long as its server lets it wait for a host and in a lobby', () => {
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  const joining = (runner: 'browser' | 'attendee') => ({ runner, state: 'joining' as const, stateAt: at, joinAt: at })
  const endsAfter = (runner: 'browser' | 'attendee') =>
    Array.from({ length: 60 }, (_, count) => count).find((count) =>
      overdueEnd(joining(runner), { endsAt }, defaultLimits, minutes(count)),
    )
  expect([endsAfter('browser'), endsAfter('attendee')]).toEqual([4, 15 + 10 + 4])
})
