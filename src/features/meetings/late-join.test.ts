import { expect, it } from 'vitest'
import { latestJoinOf } from './late-join.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 9, minute))
const latest = (minutes: number, lateJoinMinutes: number) =>
  (latestJoinOf({ startsAt: at(0), endsAt: at(minutes) }, lateJoinMinutes * 60_000) - at(0).getTime()) / 60_000

it('leaves as much of a meeting as is asked for, and of a shorter one the half, so that who is punctual is never too late', () => {
  expect(latest(30, 2)).toBe(28)
  expect(latest(30, 0)).toBe(30)
  expect(latest(15, 20)).toBe(7.5)
  expect(latest(2, 2)).toBe(1)
  expect(latest(-5, 2)).toBe(-5)
})
