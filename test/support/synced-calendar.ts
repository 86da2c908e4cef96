import { expect } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { ana, createGoogleWorld, type GoogleWorld, type GoogleWorldOptions } from './google-world.ts'
import { findBrokenInvariants } from './plan-world.ts'

export const at = (day: string, time: string) => new Date(`2026-${day}T${time}:00Z`)
export const meet = (code: string) => ({ hangoutLink: `https://meet.google.com/${code}` })
export const weekly = {
  ...{ summary: 'Weekly', ...meet('abc-defg-hij'), recurrence: ['RRULE:FREQ=WEEKLY'] },
  ...timed(at('11-23', '09:00'), 30, 'Europe/Vienna'),
}
export const once = (summary: string, day = '11-24', time = '10:00') => ({
  ...{ summary, ...meet('xyz-defg-hij') },
  ...timed(at(day, time), 30, 'UTC'),
})

/** What is stored is what Google lists, and the plan fits. */
export async function expectInStep(world: GoogleWorld, ...people: string[]): Promise<void> {
  for (const email of people.length > 0 ? people : [ana])
    expect(await world.stored(email)).toEqual(await world.listed(email))
  expect(await findBrokenInvariants(world.app.db)).toEqual([])
}

/** Ana's calendar, read once, with whatever was put in before. */
export async function startWith(fill: (world: GoogleWorld) => void, options: GoogleWorldOptions = {}) {
  const world = await createGoogleWorld(options)
  fill(world)
  const id = await world.connect(ana)
  await world.sync(id)
  world.google.usage.reset()
  return Object.assign(world, {
    id,
    calendar: world.google.as(ana),
    calls: () => world.google.usage.of('events.list').calls,
  })
}

export async function readCalendar(world: GoogleWorld, id: string) {
  return world.app.db.selectFrom('calendar').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export async function readMeetings(world: GoogleWorld) {
  return world.app.db
    .selectFrom('meeting')
    .select(['id', 'title', 'startsAt', 'decision', 'reason', 'copies', 'supporting', 'meetingUrl'])
    .where('copies', '>', 0)
    .orderBy('startsAt')
    .orderBy('title')
    .execute()
}
