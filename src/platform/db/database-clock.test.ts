import { expect, test } from 'vitest'
import { HOUR_MS, SECOND_MS } from '../../base/time.ts'
import { DatabaseClock } from './database-clock.ts'

const START = Date.parse('2026-11-23T08:00:00Z')

/** One machine's two clocks and the database's, each to be moved. */
function openClock() {
  const at = { monotonicMs: 5_000, systemMs: START, databaseMs: START }
  const clock = new DatabaseClock({
    read: async () => new Date(at.databaseMs),
    monotonicMs: () => at.monotonicMs,
    system: { now: () => new Date(at.systemMs) },
  })
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 2 * SECOND_MS) {
      for (const name of ['monotonicMs', 'systemMs', 'databaseMs'] as const) at[name] += Math.min(left, 2 * SECOND_MS)
      await clock.look()
    }
  }
  return { at, clock, pass }
}

test('a machine whose clock is set two hours ahead has the database’s time all the same, and is certain of it', async () => {
  const { at, clock, pass } = openClock()
  expect(clock.isCertain()).toBe(false)
  await clock.look()
  at.systemMs += 2 * HOUR_MS
  await pass(30 * SECOND_MS)
  expect(clock.now()).toEqual(new Date(START + 30 * SECOND_MS))
  expect(clock.isCertain()).toBe(true)
})

test('where the database’s clock is set time goes on as it did, without certainty, and is believed again once it is back', async () => {
  const { at, clock, pass } = openClock()
  await clock.look()
  at.databaseMs += 2 * HOUR_MS
  await pass(40 * SECOND_MS)
  expect(clock.now()).toEqual(new Date(START + 40 * SECOND_MS))
  expect(clock.isCertain()).toBe(false)
  at.databaseMs -= 2 * HOUR_MS
  await pass(2 * SECOND_MS)
  expect(clock.now()).toEqual(new Date(START + 42 * SECOND_MS))
  expect(clock.isCertain()).toBe(true)
})

test('a database that says another time for more than a minute is believed', async () => {
  const { at, clock, pass } = openClock()
  await clock.look()
  at.databaseMs -= HOUR_MS
  await pass(64 * SECOND_MS)
  expect(clock.now()).toEqual(new Date(START - HOUR_MS + 64 * SECOND_MS))
  expect(clock.isCertain()).toBe(true)
})
