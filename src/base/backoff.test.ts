import { expect, test } from 'vitest'
import { backoffMs, jitteredMs } from './backoff.ts'

test('a pause doubles from the first to the most, and stays there however often it is made', () => {
  const growth = { firstMs: 250, mostMs: 5_000 }
  const pauses = [0, 1, 2, 3, 4, 5, 6, 2_000].map((before) => backoffMs(before, growth))
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
})

test('a first pause above the most is the most, and one of nothing stays nothing', () => {
  expect(backoffMs(0, { firstMs: 90, mostMs: 60 })).toBe(60)
  expect(backoffMs(5_000, { firstMs: 0, mostMs: 60 })).toBe(0)
})

test('chance makes a pause a quarter longer or shorter, and no more', () => {
  expect([0, 0.5, 1].map((chance) => jitteredMs(1_000, () => chance))).toEqual([750, 1_000, 1_250])
  for (let i = 0; i < 100; i++) expect(Math.abs(jitteredMs(1_000) - 1_000)).toBeLessThanOrEqual(250)
})
