import { describe, expect, test } from 'vitest'
import { timed } from '../../sandbox/google/calendar-editor.ts'
import { DAY_MS } from '../../src/base/time.ts'
import { forgetGone } from '../../src/features/calendars/index.ts'
import { ana, ben } from '../support/google-world.ts'
import { at, expectInStep, once, readMeetings, startWith, weekly } from '../support/synced-calendar.ts'

describe('A state of an event that is older than the one that is known', () => {
  test('changes nothing, alone or among others, in one page or several', async () => {
    await using world = await startWith(({ google }) => google.as(ana).insert({ ...once('First'), id: 'e1' }))
    const { calendar } = world
    const first = calendar.state('e1')
    calendar.patch('e1', { summary: 'Second', ...timed(at('11-24', '15:00'), 30, 'UTC') })
    await world.sync(world.id)
    calendar.repeat(first)
    expect(await world.sync(world.id)).toMatchObject({ changes: 0 })
    calendar.insert(once('Other', '11-26'))
    calendar.repeat(first)
    calendar.cutPages({ size: 1 })
    expect(await world.sync(world.id)).toMatchObject({ changes: 1 })
    await expectInStep(world)
    expect((await readMeetings(world)).map(({ title, startsAt }) => [title, startsAt])).toEqual([
      ['Second', at('11-24', '15:00')],
      ['Other', at('11-26', '10:00')],
    ])
  })

  test('changes nothing where the known one looks like one before it', async () => {
    await using world = await startWith(({ google }) => google.as(ana).insert({ ...once('As it was'), id: 'e1' }))
    const { calendar } = world
    calendar.patch('e1', { summary: 'Between' })
    const between = calendar.state('e1')
    calendar.patch('e1', { summary: 'As it was' })
    expect(await world.sync(world.id)).toMatchObject({ changes: 0 })
    calendar.repeat(between)
    await world.sync(world.id)
    await expectInStep(world)
  })

  test('does not bring back what was deleted; undeleting does, and a late deletion does not take it away again', async () => {
    await using world = await startWith(({ google }) =>
      google.as(ana).insert({ ...once('Deleted'), id: 'e1', attendees: [{ email: ben }] }),
    )
    await world.sync(await world.connect(ben))
    const { calendar, clock, app } = world
    const bens = world.google.as(ben)
    const syncAll = async () => {
      for (const { id } of await app.db.selectFrom('calendar').select('id').execute()) await world.sync(id)
    }
    const [before, bensBefore] = [calendar.state('e1'), bens.state('e1')]
    calendar.delete('e1')
    const deleted = calendar.state('e1')
    await syncAll()
    calendar.repeat(before)
    bens.repeat(bensBefore)
    await syncAll()
    expect(await world.stored(ana)).toEqual([])
    expect(await world.stored(ben)).toEqual([])
    await expectInStep(world, ana, ben)
    calendar.patch('e1', { status: 'confirmed' })
    calendar.repeat(deleted)
    await syncAll()
    expect(await world.stored(ana)).toHaveLength(1)
    await expectInStep(world, ana, ben)
    await forgetGone(app.db, new Date(clock.now().getTime() + DAY_MS))
    expect(await app.db.selectFrom('goneItem').select('itemId').execute()).toEqual([])
  })

  test.each(['one page', 'several pages'])(
    'does not bring back what was changed and deleted before anybody looked, told of in %s',
    async (pages) => {
      await using world = await startWith(({ google }) =>
        google.as(ana).insert({ ...once('Deleted'), id: 'e1', attendees: [{ email: ben }] }),
      )
      const bensId = await world.connect(ben)
      await world.sync(bensId)
      const { calendar } = world
      const bens = world.google.as(ben)
      calendar.patch('e1', { summary: 'Seen by nobody' })
      const between = bens.state('e1')
      // What stands for a deletion in a guest's calendar says nothing of its time.
      calendar.delete('e1')
      bens.repeat(between)
      if (pages === 'several pages') bens.cutPages({ size: 1 })
      await world.sync(bensId)
      expect(await world.stored(ben)).toEqual([])
      bens.repeat(between)
      await world.sync(bensId)
      expect(await world.stored(ben)).toEqual([])
      await expectInStep(world, ben)
    },
  )

  test('of one occurrence does not fill its hole, and does not outlive its series', async () => {
    await using world = await startWith(({ google }) => {
      google.as(ana).insert({ ...weekly, id: 'weekly' })
      google.as(ana).patch(google.as(ana).occurrence('weekly', at('11-30', '09:00')), { summary: 'Only this one' })
    })
    const { calendar } = world
    const occurrence = calendar.occurrence('weekly', at('11-30', '09:00'))
    const changed = calendar.state(occurrence)
    calendar.delete(occurrence)
    await world.sync(world.id)
    calendar.repeat(changed)
    await world.sync(world.id)
    expect(await world.stored(ana)).toHaveLength(3)
    await expectInStep(world)
    calendar.patch(occurrence, { status: 'confirmed' })
    await world.sync(world.id)
    expect(await world.stored(ana)).toHaveLength(4)
    const restored = calendar.state(occurrence)
    calendar.delete('weekly')
    await world.sync(world.id)
    calendar.repeat(restored)
    await world.sync(world.id)
    expect(await world.stored(ana)).toEqual([])
    await expectInStep(world)
  })

  test('of what is listed when everything is read again counts, whatever was said of it before', async () => {
    await using world = await startWith(({ google }) => google.as(ana).insert({ ...once('There again'), id: 'e1' }))
    await world.app.db
      .insertInto('goneItem')
      .values({ calendarId: world.id, itemId: 'e1', version: '2100', goneAt: world.clock.now() })
      .execute()
    await world.app.db.deleteFrom('calendarItem').execute()
    world.calendar.expireSyncTokens()
    await world.sync(world.id)
    expect(await world.stored(ana)).toHaveLength(1)
    await expectInStep(world)
  })
})
