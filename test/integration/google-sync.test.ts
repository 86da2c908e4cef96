import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { ana, createGoogleWorld, type GoogleWorld } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const meet = (code: string) => ({ hangoutLink: `https://meet.google.com/${code}` })
const at = (day: string, time: string) => new Date(`2026-${day}T${time}:00Z`)
const weekly = { recurrence: ['RRULE:FREQ=WEEKLY'] }
const standup = { summary: 'Stand-up', ...meet('abc-defg-hij'), ...timed(at('11-23', '09:00'), 15, 'Europe/Vienna') }

/** What is stored is what Google lists, and the plan fits. */
async function expectInStep(world: GoogleWorld, ...people: string[]): Promise<void> {
  for (const email of people) expect(await world.stored(email)).toEqual(await world.listed(email))
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
}

test('a calendar is planned at once, then read whole, and a change costs one call', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert({ ...standup, ...weekly })
  const single = calendar.insert({
    summary: 'Once',
    ...meet('xyz-defg-hij'),
    ...timed(at('11-24', '10:00'), 30, 'UTC'),
  })
  const id = await world.connect(ana)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 5 })
  expect(world.google.usage.of('events.list').calls).toBe(2)
  await expectInStep(world, ana)
  world.google.usage.reset()
  calendar.patch(single, { summary: 'Twice' })
  await world.mark(id)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  expect(world.google.usage.total().calls).toBe(1)
  await expectInStep(world, ana)
})
