import { expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { ana, createGoogleWorld } from '../support/google-world.ts'
import { isKilledAt } from '../support/killed.ts'

const MOST_QUERIES = 60

test.each([
  ['changes', false],
  ['everything, after the cursor was refused', true],
])(
  'a reading of several pages that is killed at any query, and then comes as one page: %s',
  async (_, isWhole) => {
    await using world = await createGoogleWorld()
    const calendar = world.google.as(ana)
    const hanna = world.google.as('hanna@example.org')
    // Ahead throughout: what is under way when it is deleted stays as a record.
    const day = timed(new Date('2026-11-26T09:00:00Z'), 30, 'UTC')
    const id = await world.connect(ana)
    await world.sync(id)
    let kills = 0
    for (let query = 1; query <= MOST_QUERIES; query++) {
      const gone = calendar.insert({ summary: 'Gone', ...day })
      const parted = calendar.insert({ summary: 'Parted', ...day, recurrence: ['RRULE:FREQ=DAILY;COUNT=4'] })
      for (const part of calendar.occurrences(parted, new Date('2026-12-01T00:00:00Z')).slice(1, 4))
        calendar.patch(part, { summary: 'Another part' })
      // Two occurrences of somebody else's series, of which only these are shared.
      const theirs = hanna.insert({ summary: 'Theirs', ...day, recurrence: ['RRULE:FREQ=DAILY;COUNT=4'] })
      const invited = hanna.occurrences(theirs, new Date('2026-12-01T00:00:00Z')).slice(1, 3)
      for (const one of invited) hanna.patch(one, { attendees: [{ email: ana }] })
      await world.mark(id)
      await world.sync(id)
      calendar.delete(gone)
      hanna.patch(invited[0] ?? '', { attendees: [] })
      const series = calendar.insert({ summary: `Series ${query}`, ...day, recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] })
      const single = calendar.insert({ summary: `Single ${query}`, ...day })
      if (isWhole) calendar.expireSyncTokens()
      calendar.cutPages({ size: 1 })
      await world.mark(id)
      const isKilled = await isKilledAt(world.app.sync, id, query)
      kills += isKilled ? 1 : 0
      calendar.cutPages(undefined)
      // Takes more away than it names: its exceptions go with it.
      calendar.delete(parted)
      world.clock.advance(60 * 60_000)
      await world.sync(id)
      expect(await world.stored(ana), `killed at query ${query}`).toEqual(await world.listed(ana))
      for (const made of [series, single]) calendar.delete(made)
      hanna.delete(theirs)
      await world.mark(id)
      await world.sync(id)
      calendar.forgetDeleted()
      if (!isKilled) break
    }
    expect(kills).toBeGreaterThan(10)
  },
  120_000,
)
