import { expect, test } from 'vitest'
import { parseRetryAfter, retryWaitMs } from './retry.ts'

test('Retry-After is read as seconds or as a date, and nonsense as nothing', () => {
  const now = new Date('2026-11-02T09:00:00Z')
  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Mon, 02 Nov 2026 09:00:30 GMT', now)).toBe(30_000)
  expect(parseRetryAfter('Mon, 02 Nov 2026 08:00:00 GMT', now)).toBe(0)
  for (const value of [null, '', 'soon', '-5', '1.5', '99999999999'])
    expect(parseRetryAfter(value, now)).toBeUndefined()
})

test('the wait doubles up to five seconds, half of it by chance', () => {
  expect([0, 1, 2, 10].map((attempt) => retryWaitMs(attempt, () => 1))).toEqual([250, 500, 1_000, 5_000])
  expect([0, 1, 2, 10].map((attempt) => retryWaitMs(attempt, () => 0))).toEqual([125, 250, 500, 2_500])
})
