import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { ana, createGoogleWorld } from '../support/google-world.ts'
import { findBrokenInvariants } from '../support/plan-world.ts'

const HOUR_MS = 3_600_000
const meeting = (summary: string, startsAt: string) => ({
  ...{ summary, hangoutLink: 'https://meet.google.com/abc-defg-hij' },
  ...timed(new Date(startsAt), 30, 'UTC'),
})

test('what was over when its calendar was disconnected, and is changed before it is read again, counts as it did', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert({ ...meeting('Over', '2026-11-23T06:00:00Z'), id: 'over1' })
  calendar.insert({ ...meeting('To come', '2026-11-24T09:00:00Z'), id: 'coming1' })
  const id = await world.connect(ana)
  await world.sync(id)
  world.google.faults.order({ fault: 'forbidden', method: 'events.list', times: 1 })
  expect(await world.sync(id)).toMatchObject({ outcome: 'failed' })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
  world.clock.advance(HOUR_MS)
  calendar.patch('over1', { summary: 'Over, with another title' })
  calendar.patch('coming1', { summary: 'To come, with another title' })
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 2 })
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
})
