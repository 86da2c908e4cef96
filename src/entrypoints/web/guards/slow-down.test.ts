import { expect, test } from 'vitest'
import { createManualClock } from '../../../../test/support/manual-clock.ts'
import { createSlowDown } from './slow-down.ts'

const world = () => {
  const clock = createManualClock(new Date('2026-11-23T08:00:00Z'))
  return { clock, slowDown: createSlowDown(clock, { burst: 3, everyMs: 10_000 }) }
}

test('whoever is wrong so often waits, and is told how long; others do not', () => {
  const { slowDown, clock } = world()
  for (let n = 0; n < 3; n++) {
    expect(() => slowDown.require('a')).not.toThrow()
    slowDown.failed('a')
  }
  expect(() => slowDown.require('a')).toThrow('Wait 10 seconds')
  expect(() => slowDown.require('b')).not.toThrow()
  clock.advance(10_000)
  expect(() => slowDown.require('a')).not.toThrow()
  slowDown.failed('a')
  expect(() => slowDown.require('a')).toThrow('Wait 10 seconds')
})

test('what is over is forgotten, and asking counts for nothing', () => {
  const { slowDown, clock } = world()
  for (let n = 0; n < 50; n++) slowDown.require('a')
  for (let n = 0; n < 3; n++) slowDown.failed('a')
  clock.advance(30_000)
  for (let n = 0; n < 2; n++) slowDown.failed('a')
  expect(() => slowDown.require('a')).not.toThrow()
})

test('of very many callers those that were quiet longest are forgotten', () => {
  const { slowDown } = world()
  for (let n = 0; n < 3; n++) slowDown.failed('first')
  for (let n = 0; n < 10_000; n++) slowDown.failed(`another ${n}`)
  expect(() => slowDown.require('first')).not.toThrow()
})
