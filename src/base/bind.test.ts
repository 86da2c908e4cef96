import { expect, test } from 'vitest'
import { bind } from './bind.ts'

test('what functions work with is given once, and the rest as they are called', () => {
  const add = ({ to }: { to: number }, one: number, other = 0) => to + one + other
  const { sum } = bind({ to: 10 }, { sum: add })
  expect([sum(1), sum(1, 2)]).toEqual([11, 13])
})
