import { expect, test } from 'vitest'
import type { CalendarProvider, Page } from '../../src/features/calendars/providers/provider.ts'
import { ana, createGoogleWorld } from '../support/google-world.ts'
import { at, expectInStep, once, readCalendar, readMeetings, startWith, weekly } from '../support/synced-calendar.ts'

/** Lets the process die while a page is being handed over. */
function dieAtPage(provider: CalendarProvider, page: number): CalendarProvider {
  async function* dying(pages: AsyncIterable<Page>) {
    let count = 0
    for await (const one of pages) {
      if (++count === page) throw new Error('killed')
      yield one
    }
  }
  return {
    ...provider,
    listChanges: (input) => dying(provider.listChanges(input)),
    listAll: (input) => dying(provider.listAll(input)),
  }
}

test('a calendar is planned at once and then read whole; afterwards a change costs one call', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert(weekly)
  const single = calendar.insert(once('Once'))
  const id = await world.connect(ana)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 5 })
  expect(world.google.usage.of('events.list').calls).toBe(2)
  await expectInStep(world)
  world.google.usage.reset()
  calendar.patch(single, { summary: 'Twice' })
  await world.mark(id)
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  expect(world.google.usage.total().calls).toBe(1)
  await expectInStep(world)
})

test('a process that dies after page 3 of 7 of a delta begins again at the old cursor, and nothing is lost or doubled', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert(weekly)
    google.as(ana).insert(once('Goes'))
  })
  const { calendar, id, app } = world
  calendar.cutPages({ size: 4 })
  for (let i = 0; i < 25; i++) calendar.insert(once(`New ${i}`, '11-25', `${String(i % 24).padStart(2, '0')}:00`))
  const before = await readCalendar(world, id)
  const whole = app.sync.providers.google
  app.sync.providers.google = dieAtPage(whole, 4)
  await expect(world.sync(id)).rejects.toThrow('killed')
  expect(await readCalendar(world, id)).toMatchObject({ cursor: before.cursor })
  app.sync.providers.google = whole
  await world.sync(id)
  await expectInStep(world)
  expect(await readCalendar(world, id)).not.toMatchObject({ cursor: before.cursor })
})

test('a process that dies in the first reading begins it again', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  calendar.insert(weekly)
  for (let i = 0; i < 12; i++) calendar.insert(once(`Event ${i}`, '11-25'))
  calendar.cutPages({ size: 3 })
  const id = await world.connect(ana)
  const whole = world.app.sync.providers.google
  world.app.sync.providers.google = dieAtPage(whole, 3)
  await expect(world.sync(id)).rejects.toThrow('killed')
  world.app.sync.providers.google = whole
  await world.sync(id)
  await expectInStep(world)
})

test('an access token that is refused in mid-pagination is replaced once, and the same page is read', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, google, app } = world
  calendar.cutPages({ size: 2 })
  for (let i = 0; i < 7; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        google.tokens.revoke(() => true)
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 7 })
  expect(google.usage.of('events.list').statuses).toEqual({ 200: 4, 401: 3 })
  await expectInStep(world)
})

test('a page token that is refused lets the round begin again at the stored cursor', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, app } = world
  calendar.cutPages({ size: 2 })
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  let isFirst = true
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        if (isFirst) calendar.expirePageTokens()
        isFirst = false
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 5 })
  await expectInStep(world)
})

test('a token that is gone brings everything anew: what was deleted meanwhile leaves the plan once, the rest stays untouched', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert(weekly)
    google.as(ana).insert({ ...once('Deleted'), id: 'deleted' })
    google.as(ana).insert(once('Stays', '11-24', '12:00'))
  })
  const { calendar, id } = world
  const before = await readMeetings(world)
  calendar.delete('deleted')
  calendar.expireSyncTokens()
  expect(await world.sync(id)).toMatchObject({ outcome: 'changed', changes: 1 })
  await expectInStep(world)
  const after = await readMeetings(world)
  expect(after).toEqual(before.filter(({ title }) => title !== 'Deleted'))
  expect(await readCalendar(world, id)).toMatchObject({ cursorLosses: 1 })
  calendar.insert(once('Later'))
  await world.sync(id)
  expect(await readCalendar(world, id)).toMatchObject({ cursorLosses: 0 })
  await expectInStep(world)
})

test('a token that is gone on a later page of a delta loses nothing', async () => {
  await using world = await startWith(({ google }) => {
    google.as(ana).insert({ ...once('Deleted'), id: 'deleted' })
  })
  const { calendar, id, app } = world
  calendar.cutPages({ size: 2 })
  calendar.delete('deleted')
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  const whole = app.sync.providers.google
  let pages = 0
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        if (++pages === 2) calendar.expireSyncTokens()
        yield page
      }
    },
  }
  await world.sync(id)
  await expectInStep(world)
  expect(await world.stored(ana)).toHaveLength(5)
})

test('a calendar whose tokens never last is read whole, but less and less often', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, clock } = world
  for (let i = 0; i < 5; i++) {
    calendar.expireSyncTokens()
    clock.set((await readCalendar(world, id)).nextSyncAt)
    await world.sync(id)
  }
  const { nextSyncAt, cursorLosses } = await readCalendar(world, id)
  expect(cursorLosses).toBe(5)
  expect(nextSyncAt.getTime() - clock.now().getTime()).toBeGreaterThan(40 * 60_000)
  calendar.expireSyncTokens()
  world.google.usage.reset()
  await world.mark(id)
  expect(await world.sync(id)).toMatchObject({ outcome: 'postponed', problem: { code: 'cursor_refused_often' } })
  expect(world.calls()).toBe(1)
  clock.set((await readCalendar(world, id)).nextSyncAt)
  expect(await world.sync(id)).toMatchObject({ outcome: 'unchanged' })
})

test('empty pages are followed to the end, and a delta of nothing still moves the cursor', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id } = world
  calendar.cutPages({ size: 2, withEmptyPages: true })
  for (let i = 0; i < 5; i++) calendar.insert(once(`New ${i}`))
  await world.sync(id)
  await expectInStep(world)
  const { cursor, revision } = await readCalendar(world, id)
  calendar.cutPages(undefined)
  const single = calendar.insert({ ...once('Elsewhere'), id: 'elsewhere' })
  calendar.delete(single)
  await world.sync(id)
  const after = await readCalendar(world, id)
  expect(after.cursor).not.toBe(cursor)
  expect(await world.sync(id)).toMatchObject({ outcome: 'unchanged' })
  expect((await readCalendar(world, id)).revision).toBe(after.revision)
  expect(after.revision).toBeGreaterThanOrEqual(revision)
})

test('two workers that read one calendar at once end as one, and nothing is doubled', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id } = world
  for (let i = 0; i < 10; i++) calendar.insert(once(`New ${i}`))
  const results = await Promise.all([world.sync(id), world.sync(id), world.sync(id)])
  expect(results.reduce((sum, { changes }) => sum + changes, 0)).toBe(10)
  await expectInStep(world)
})

test('a notice that lands while a reading goes on lets it be read again at once, three times at most', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const { calendar, id, app } = world
  const whole = app.sync.providers.google
  let reads = 0
  app.sync.providers.google = {
    ...whole,
    async *listChanges(input) {
      for await (const page of whole.listChanges(input)) {
        reads += 1
        calendar.insert(once(`Meanwhile ${reads}`))
        await world.mark(id)
        yield page
      }
    },
  }
  expect(await world.sync(id)).toMatchObject({ isMarkedAgain: true })
  expect(reads).toBe(3)
  app.sync.providers.google = whole
  const last = await world.sync(id)
  expect(last.isMarkedAgain).toBeUndefined()
  await expectInStep(world)
})

test('a notice that comes before the change can be read asks for a look 3 s and 30 s later', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  await world.mark(world.id)
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'unchanged', lookAgainAfterMs: [3_000, 30_000] })
  expect((await world.sync(world.id)).lookAgainAfterMs).toBeUndefined()
})

test('an unchanged calendar is one call and one small write', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const versions = () => world.app.db.selectFrom('event').select(['id', 'updatedAt']).execute()
  const before = await versions()
  expect(await world.sync(world.id)).toMatchObject({ outcome: 'unchanged', changes: 0 })
  expect(world.google.usage.total().calls).toBe(1)
  expect(await versions()).toEqual(before)
})

test('a calendar of thousands of events is read in pages, with its series and exceptions', async () => {
  await using world = await createGoogleWorld()
  const calendar = world.google.as(ana)
  for (let i = 0; i < 1_500; i++) calendar.insert(once(`Old ${i}`, '01-05'))
  calendar.insert({ ...weekly, id: 'weekly' })
  calendar.delete(calendar.occurrence('weekly', at('12-07', '09:00')))
  const id = await world.connect(ana)
  await world.sync(id)
  expect(world.google.usage.of('events.list').calls).toBe(3)
  await expectInStep(world)
})

test('who is watched is looked at hourly, who is not every quarter of an hour', async () => {
  await using world = await startWith(({ google }) => google.as(ana).insert(weekly))
  const pause = async () => (await readCalendar(world, world.id)).nextSyncAt.getTime() - world.clock.now().getTime()
  expect(await pause()).toBeGreaterThanOrEqual(11.25 * 60_000)
  expect(await pause()).toBeLessThanOrEqual(18.75 * 60_000)
  await world.app.db
    .updateTable('calendar')
    .set({ watchedUntil: at('11-30', '08:00') })
    .execute()
  await world.sync(world.id)
  expect(await pause()).toBeGreaterThanOrEqual(45 * 60_000)
  expect(await pause()).toBeLessThanOrEqual(75 * 60_000)
})
