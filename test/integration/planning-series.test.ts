import { describe, expect, test } from 'vitest'
import { askForBot, followPlan, listWishes, refuseBot, wantBot } from '../../src/features/meetings/index.ts'
import { ana, at, ben, DAY, HOUR, joined, keyAt, left, openPlan, series, standup } from '../support/open-plan.ts'
import { type Copy, NOW } from '../support/plan-world.ts'

const { bot, deps, inStep, meetings, world } = await openPlan()

describe('Series and their exceptions', () => {
  test('23: an instance that is moved to another day has its bot there, and none on its old day', async () => {
    await world.put(ana, 'series', series(DAY, [0, 1]))
    const [first, second] = await inStep()
    const [moved, other] = series(DAY, [0, 1])
    await world.put(ana, 'series', [{ ...(moved as Copy), start: 2.5 * DAY }, other as Copy])
    expect(await inStep()).toMatchObject([
      { id: second?.id, startsAt: at(2 * DAY) },
      { id: first?.id, startsAt: at(2.5 * DAY), states: ['scheduled'] },
    ])
  })

  test('24: one cancelled instance loses its bot, the others keep theirs', async () => {
    await world.put(ana, 'series', series(DAY, [0, 1, 2]))
    const copies = series(DAY, [0, 1, 2]).map((copy, i) => (i === 1 ? { ...copy, cancelled: true } : copy))
    await world.put(ana, 'series', copies)
    expect((await inStep()).map((m) => m.states)).toEqual([['scheduled'], ['cancelled'], ['scheduled']])
  })

  test('25: a series that is cancelled as a whole takes all that is to come, and leaves what was', async () => {
    await world.put(ana, 'series', series(HOUR, [0, 1, 2]))
    const [past] = await meetings()
    await bot(past?.id as string, ...joined)
    world.clock.advance(90 * 60_000)
    await bot(past?.id as string, ...left)
    await world.put(ana, 'series', series(HOUR, [0, 1, 2], { cancelled: true }))
    expect((await meetings()).map((m) => [m.decision, m.reason, m.states])).toEqual([
      ['attend', 'wanted', ['ended']],
      ['skip', 'cancelled', ['cancelled']],
      ['skip', 'cancelled', ['cancelled']],
    ])
  })

  test('26: "this and following", half an hour later: the old tail goes, the new one comes, nothing is there twice', async () => {
    await world.put(ana, 'series', series(DAY, [0, 1, 2]))
    const tail = series(DAY + 30, [1, 2]).map((copy) => ({ ...copy, uid: 'tail' }))
    await world.put(ana, 'tail', tail)
    await world.put(ana, 'series', series(DAY, [0]))
    expect((await inStep()).map((m) => [m.startsAt, m.states])).toEqual([
      [at(DAY), ['scheduled']],
      [at(2 * DAY + 30), ['scheduled']],
      [at(3 * DAY + 30), ['scheduled']],
    ])
  })

  test.each([
    ['old one first', ['series', 'tail']],
    ['new one first', ['tail', 'series']],
  ])('a split of a series at the same times keeps ids and a person’s no: %s', async (_, order) => {
    await world.put(ana, 'series', series(DAY, [0, 1]))
    const [, second] = await inStep()
    await refuseBot(deps(), { meetingId: second?.id as string, by: ben })
    for (const uid of order) {
      world.clock.advance(1_000)
      const tail = series(DAY, [1]).map((copy) => ({ ...copy, uid: 'tail' }))
      await world.put(ana, uid, uid === 'series' ? series(DAY, [0]) : tail)
    }
    expect(await inStep()).toMatchObject([
      { decision: 'attend' },
      { id: second?.id, decision: 'skip', reason: 'stopped_by_person', states: ['cancelled'] },
    ])
  })

  test.each([
    ['old one first', ['weekly@google.com', 'weekly_R20261124T080000@google.com']],
    ['new one first', ['weekly_R20261124T080000@google.com', 'weekly@google.com']],
  ])('a split of a series of Google that changes its time keeps a person’s no to the day: %s', async (_, order) => {
    const [first = '', second = ''] = order.toSorted((a, b) => a.length - b.length)
    await world.put(ana, first, series(0, [0, 1, 2], { uid: first }))
    const [, noon] = await inStep()
    await refuseBot(deps(), { meetingId: noon?.id as string, by: ben })
    for (const uid of order) {
      world.clock.advance(1_000)
      const tail = series(5 * HOUR, [1, 2], { uid: second })
      await world.put(ana, uid, uid === first ? series(0, [0], { uid: first }) : tail)
    }
    expect((await inStep()).map((m) => [m.startsAt, m.decision, m.reason])).toEqual([
      [at(0), 'attend', 'wanted'],
      [at(DAY + 5 * HOUR), 'skip', 'stopped_by_person'],
      [at(2 * DAY + 5 * HOUR), 'attend', 'wanted'],
    ])
  })

  test('a no to the last evening before a split says nothing about the next morning', async () => {
    const [first, second] = ['daily@google.com', 'daily_R20261125T200000@google.com']
    await world.put(ana, first, series(12 * HOUR, [0, 1, 2], { uid: first }))
    const [, evening] = await inStep()
    await refuseBot(deps(), { meetingId: evening?.id as string, by: ben })
    await world.put(ana, second, series(-2 * HOUR, [2], { uid: second }))
    await world.put(ana, first, series(12 * HOUR, [0, 1], { uid: first }))
    expect((await inStep()).map((m) => [m.startsAt, m.reason])).toEqual([
      [at(12 * HOUR), 'wanted'],
      [at(DAY + 12 * HOUR), 'stopped_by_person'],
      [at(2 * DAY - 2 * HOUR), 'wanted'],
    ])
  })

  test('a series whose time changes as a whole keeps a person’s no to the day, and one with two a day keeps them apart', async () => {
    await world.put(ana, 'series', series(5, [0, 1], { room: 'twice' }))
    const [, second] = await inStep()
    await refuseBot(deps(), { meetingId: second?.id as string, by: ben })
    await world.put(ana, 'series', series(4 * HOUR, [0, 1], { room: 'twice' }))
    expect((await inStep()).map((m) => [m.startsAt, m.reason])).toEqual([
      [at(4 * HOUR), 'wanted'],
      [at(DAY + 4 * HOUR), 'stopped_by_person'],
    ])
    const twice = { room: 'twice' }
    await world.put(ana, 'series', [...series(4 * HOUR, [0, 1], twice), ...series(8 * HOUR, [1], twice)])
    expect((await inStep()).map((m) => [m.startsAt, m.reason])).toEqual([
      [at(4 * HOUR), 'wanted'],
      [at(DAY + 4 * HOUR), 'stopped_by_person'],
      [at(DAY + 8 * HOUR), 'wanted'],
    ])
  })

  test('what was said can be taken back, and the plan decides again, for this occurrence and as often as it is said', async () => {
    await world.put(ana, 'standup', [{ ...standup, key: keyAt(HOUR), start: HOUR }])
    const [meeting] = await inStep()
    const said = { meetingId: meeting?.id as string, by: ben }
    await refuseBot(deps(), said)
    expect(await inStep()).toMatchObject([{ reason: 'stopped_by_person', states: ['cancelled'] }])
    await followPlan(deps(), said)
    expect(await inStep()).toMatchObject([{ decision: 'attend', reason: 'wanted', states: ['cancelled', 'scheduled'] }])
    await world.put(ben, 'standup', [{ ...standup, key: keyAt(HOUR), start: HOUR }])
    expect(await inStep()).toMatchObject([{ decision: 'attend', reason: 'wanted', copies: 2 }])
    await wantBot(deps(), said)
    expect(await inStep()).toMatchObject([{ reason: 'sent_by_person' }])
    await followPlan(deps(), said)
    expect(await inStep()).toMatchObject([{ reason: 'wanted' }])
    expect((await listWishes(world.db, said.meetingId, 10)).map(({ wish }) => wish)).toEqual(
      expect.arrayContaining(['none', 'as_planned', 'attend']),
    )
    const sent = await askForBot(deps(), {
      room: { platform: 'sandbox', roomId: 'bare', url: 'http://127.0.0.1:9/rooms/bare' },
      by: ben,
    })
    await expect(followPlan(deps(), { meetingId: sent.id, by: ben })).rejects.toMatchObject({
      code: 'meeting_unplanned',
    })
  })

  test('a no that is taken back while the meeting runs sends a bot into it', async () => {
    await world.put(ana, 'standup', [standup])
    const [meeting] = await meetings()
    const said = { meetingId: meeting?.id as string, by: ben }
    await bot(said.meetingId, 'staged', 'join_requested', 'joined_meeting')
    world.clock.advance(standup.start * 60_000 + 5 * 60_000)
    await refuseBot(deps(), said)
    await bot(said.meetingId, 'leave_requested', 'left_meeting', 'post_processing_completed')
    await followPlan(deps(), said)
    const [again] = await meetings()
    expect(again).toMatchObject({ decision: 'attend', reason: 'wanted', states: ['ended', 'scheduled'] })
  })

  test('27: a weekly meeting at 09:00 in London moves with the clocks, and its copies stay one meeting', async () => {
    world.clock.set('2026-03-20T08:00:00Z')
    const weekly = (key: string, start: string): Copy => ({
      ...standup,
      uid: 'weekly',
      key,
      start: (Date.parse(start) - NOW.getTime()) / 60_000,
    })
    // Before and after 29 March. One calendar names the second instance by a table that does not know the change.
    const first = weekly('2026-03-24T09:00:00Z', '2026-03-24T09:00:00Z')
    await world.put(ana, 'weekly', [first, weekly('2026-03-31T08:00:00Z', '2026-03-31T08:00:00Z')])
    await world.put(ben, 'weekly', [first, weekly('2026-03-31T09:00:00Z', '2026-03-31T08:00:00Z')])
    expect((await inStep()).map((m) => [m.startsAt.toISOString(), m.copies])).toEqual([
      ['2026-03-24T09:00:00.000Z', 2],
      ['2026-03-31T08:00:00.000Z', 2],
    ])
  })
})
