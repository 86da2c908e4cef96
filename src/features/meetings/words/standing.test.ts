import { expect, test } from 'vitest'
import { extendStanding } from './standing.ts'

test('a new meeting is known since now for all its time', () => {
  expect(extendStanding([], { from: 10, until: 20 }, 5)).toEqual([{ from: 10, until: 20, since: 5 }])
})

test('what a meeting covered before stays known since then, and what it gains is new', () => {
  const before = [{ from: 10, until: 20, since: 1 }]
  expect(extendStanding(before, { from: 10, until: 20 }, 9)).toEqual(before)
  expect(extendStanding(before, { from: 5, until: 30 }, 9)).toEqual([
    { from: 5, until: 10, since: 9 },
    { from: 10, until: 20, since: 1 },
    { from: 20, until: 30, since: 9 },
  ])
  expect(extendStanding(before, { from: 15, until: 25 }, 9)).toEqual([
    { from: 15, until: 20, since: 1 },
    { from: 20, until: 25, since: 9 },
  ])
})

test('a meeting that moves away and back is new', () => {
  const away = extendStanding([{ from: 10, until: 20, since: 1 }], { from: 30, until: 40 }, 5)
  expect(extendStanding(away, { from: 10, until: 20 }, 9)).toEqual([{ from: 10, until: 20, since: 9 }])
})

test('gaps between what was known are filled', () => {
  const before = [
    { from: 20, until: 30, since: 2 },
    { from: 0, until: 10, since: 1 },
  ]
  expect(extendStanding(before, { from: 0, until: 30 }, 9)).toEqual([
    { from: 0, until: 10, since: 1 },
    { from: 10, until: 20, since: 9 },
    { from: 20, until: 30, since: 2 },
  ])
})
