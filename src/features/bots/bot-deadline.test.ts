import { expect, test } from 'vitest'
import { overdueEnd } from './bot-deadline.ts'
import { botStates, isFinal, nextState } from './bot-state.ts'

const at = new Date('2026-11-23T09:00:00Z')
const endsAt = new Date('2026-11-23T10:00:00Z')
const nextWeek = new Date('2026-11-30T09:00:00Z')

test('every state that is not final has an end that its table allows, and a final one has none', () => {
  for (const state of botStates) {
    const end = overdueEnd({ state, stateAt: at, joinAt: at }, { endsAt }, nextWeek)
    expect(end === undefined, state).toBe(isFinal(state))
    if (end) expect(nextState(state, end.event), state).not.toBeNull()
  }
})

test('no state is over as soon as it begins', () => {
  for (const state of botStates) expect(overdueEnd({ state, stateAt: at, joinAt: at }, { endsAt }, at)).toBeUndefined()
})

test('a bot waits for a place while its meeting can be joined, and hears on to its end', () => {
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
  const scheduled = { state: 'scheduled' as const, stateAt: at, joinAt: at }
  expect(overdueEnd(scheduled, { endsAt }, minutes(57))).toBeUndefined()
  expect(overdueEnd(scheduled, { endsAt }, minutes(58))).toMatchObject({ subType: 'bot_not_launched' })
  const trailing = { state: 'post_processing' as const, stateAt: at, joinAt: at }
  expect(overdueEnd(trailing, { endsAt }, minutes(64))).toBeUndefined()
  expect(overdueEnd(trailing, { endsAt }, minutes(65))).toEqual({ event: 'post_processing_completed' })
})
