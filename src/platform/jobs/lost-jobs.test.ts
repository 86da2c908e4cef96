import { expect, test } from 'vitest'
import { createClockCheck } from './lost-jobs.ts'

test('nothing is judged lost for half a minute after the database’s clock was set, and answers that take long are no reason to doubt it', () => {
  const isSure = createClockCheck()
  const at = (monotonicMs: number, aheadMs = 0) => new Date(Date.parse('2026-11-23T08:00:00Z') + monotonicMs + aheadMs)
  expect(isSure(at(1_000), 1_000, 1_010)).toBe(true)
  // It stood still, or this process did.
  expect(isSure(at(70_000), 2_000, 74_000)).toBe(true)
  expect(isSure(at(75_000), 75_000, 75_010)).toBe(true)
  const twoHours = 7_200_000
  expect(isSure(at(76_000, twoHours), 76_000, 76_010)).toBe(false)
  expect(isSure(at(105_000, twoHours), 105_000, 105_010)).toBe(false)
  expect(isSure(at(107_000, twoHours), 107_000, 107_010)).toBe(true)
})
