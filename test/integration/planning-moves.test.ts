import { describe, expect, test } from 'vitest'
import { sweepMeetings } from '../../src/features/meetings/index.ts'
import { ana, at, ben, DAY, HOUR, joined, left, openPlan, standup } from '../support/open-plan.ts'
import { NOW } from '../support/plan-world.ts'

const { bot, deps, inStep, meetings, world } = await openPlan()

describe('A meeting that moves', () => {
  test('32: within its day takes its bot along', async () => {
    await world.put(ana, 'standup', [standup])
    const [before] = await inStep()
    await world.put(ana, 'standup', [{ ...standup, start: 2 * HOUR }])
    expect(await inStep()).toMatchObject([{ id: before?.id, startsAt: at(2 * HOUR), states: ['scheduled'] }])
  })

  test('33: to a day on which another meeting has the room leaves both', async () => {
    await world.put(ana, 'a', [{ ...standup, uid: 'a' }])
    await world.put(ana, 'b', [{ ...standup, uid: 'b', start: DAY, title: 'Other' }])
    await world.put(ana, 'a', [{ ...standup, uid: 'a', start: DAY + HOUR }])
    expect((await inStep()).map((m) => [m.title, m.states])).toEqual([
      ['Other', ['scheduled']],
      ['Stand-up', ['scheduled']],
    ])
  })

  test.each([
    ['over midnight in its zone and in UTC', 15 * HOUR + 50, 16 * HOUR + 10],
    ['by a year', HOUR, 365 * DAY],
    ['by a minute', HOUR, HOUR + 1],
  ])('keeps its id and its one bot: %s', async (_, from, to) => {
    await world.put(ana, 'standup', [{ ...standup, start: from }])
    const [before] = await inStep()
    await world.put(ana, 'standup', [{ ...standup, start: to }])
    expect(await inStep()).toMatchObject([{ id: before?.id, startsAt: at(to), states: ['scheduled'] }])
  })

  test('36: while its bot joins calls it back, and has another one at its new time', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, 'staged', 'join_requested')
    await world.put(ana, 'standup', [{ ...standup, start: 5 * HOUR }])
    expect(await meetings()).toMatchObject([
      { id, startsAt: at(5 * HOUR), states: ['joining', 'scheduled'], wanted: ['linger', 'attend'] },
    ])
  })
})

describe('A link', () => {
  test('37: that is added later plans the meeting; one that is removed cancels it', async () => {
    await world.put(ana, 'standup', [{ ...standup, room: null }])
    expect(await inStep()).toEqual([])
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    await world.put(ana, 'standup', [{ ...standup, room: null }])
    expect(await inStep()).toEqual([])
    const gone = await world.db.selectFrom('meeting').select(['id', 'reason']).execute()
    expect(gone).toEqual([{ id, reason: 'gone' }])
    expect(await world.db.selectFrom('bot').select('state').execute()).toEqual([{ state: 'cancelled' }])
  })

  test('37: that is removed while the bot is in the room leaves it there', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    await world.put(ana, 'standup', [{ ...standup, room: null }])
    expect(await world.db.selectFrom('bot').select(['state', 'wanted']).execute()).toEqual([
      { state: 'joined_recording', wanted: 'linger' },
    ])
  })

  test('37: that comes back while the bot is still in the room leaves everything as it was', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    await world.put(ana, 'standup', [{ ...standup, room: null }])
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([{ id, states: ['joined_recording'], wanted: ['attend'] }])
  })

  test('37: that changes while the bot is in the room leaves it there, and another one goes to the new room', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    world.clock.advance(60_000)
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    expect(await meetings()).toMatchObject([
      { id, states: ['joined_recording', 'scheduled'], wanted: ['linger', 'attend'] },
    ])
    world.clock.advance(1_000)
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([
      { id, states: ['joined_recording', 'cancelled'], wanted: ['attend', 'attend'] },
    ])
  })

  test('37: that changes for one person after the other while the bot is in the room does the same', async () => {
    for (const who of [ana, ben]) await world.put(who, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    world.clock.advance(60_000)
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    await world.put(ben, 'standup', [{ ...standup, room: 'two' }])
    const bots = await world.db.selectFrom('bot').select(['roomKey', 'state', 'wanted']).orderBy('createdAt').execute()
    expect(bots.map(({ roomKey, ...rest }) => ({ room: roomKey.slice(-3), ...rest }))).toEqual([
      { room: 'one', state: 'joined_recording', wanted: 'linger' },
      { room: 'two', state: 'scheduled', wanted: 'attend' },
    ])
  })

  test('37: that changes while the bot is on its way calls it back, and another one goes to the new room', async () => {
    for (const way of [['staged'], ['staged', 'join_requested']] as const) {
      await world.clear()
      world.clock.set(NOW)
      await world.put(ana, 'standup', [standup])
      const [{ id } = { id: '' }] = await inStep()
      world.clock.set(at(HOUR - 1))
      await bot(id, ...way)
      world.clock.advance(1_000)
      await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
      const [meeting] = await meetings()
      expect(meeting?.states?.at(-1)).toBe('scheduled')
      expect(meeting?.wanted).toEqual(['linger', 'attend'])
    }
  })

  test('stays, and the meeting moves to a later time while the bot is in the room: it has another bot then', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR + 5))
    await bot(id, ...joined)
    world.clock.advance(1_000)
    await world.put(ana, 'standup', [{ ...standup, start: 3 * HOUR }])
    expect(await meetings()).toMatchObject([
      { id, states: ['joined_recording', 'scheduled'], wanted: ['linger', 'attend'] },
    ])
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([
      { id, states: ['joined_recording', 'cancelled'], wanted: ['attend', 'attend'] },
    ])
  })

  test('stays, and the meeting moves to a later time when the bot is about to go there: it has another bot then', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(new Date(at(HOUR).getTime() - 3_000))
    await bot(id, 'staged')
    await world.put(ana, 'standup', [{ ...standup, start: 3 * HOUR }])
    expect(await meetings()).toMatchObject([{ id, states: ['staged', 'scheduled'], wanted: ['linger', 'attend'] }])
  })

  test('stays, and the bot goes there before its worker has heard of the later time: the next sweep sends another one then', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR - 1))
    await bot(id, 'staged')
    await world.put(ana, 'standup', [{ ...standup, start: 3 * HOUR }])
    expect(await meetings()).toMatchObject([{ states: ['staged'], wanted: ['attend'] }])
    world.clock.set(at(HOUR))
    await bot(id, 'join_requested', 'joined_meeting')
    await sweepMeetings(deps(), { origin: 'sweep' })
    expect(await meetings()).toMatchObject([
      { id, states: ['joined_recording', 'scheduled'], wanted: ['linger', 'attend'] },
    ])
  })

  test('stays, and the meeting moves by some minutes when its bot has just left: it has another bot', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR + 5))
    await bot(id, ...joined, 'left_meeting')
    // What is said of it otherwise changes nothing.
    await world.put(ana, 'standup', [{ ...standup, title: 'Morning' }])
    expect(await meetings()).toMatchObject([{ id, states: ['post_processing'], wanted: ['attend'] }])
    await world.put(ana, 'standup', [{ ...standup, start: HOUR + 4 }])
    expect(await meetings()).toMatchObject([
      { id, states: ['post_processing', 'scheduled'], wanted: ['linger', 'attend'] },
    ])
  })

  test('stays, and the meeting moves to an earlier time after its bot was lost before the later one: it has another bot', async () => {
    await world.put(ana, 'standup', [{ ...standup, start: 5 * HOUR }])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, 'staged', 'fatal_error')
    // At the time that it was for it stands for the last of all attempts.
    await world.put(ana, 'standup', [{ ...standup, start: 5 * HOUR, title: 'Morning' }])
    expect(await meetings()).toMatchObject([{ id, states: ['fatal_error'] }])
    await world.put(ana, 'standup', [{ ...standup, start: 3 * HOUR }])
    expect(await meetings()).toMatchObject([{ id, startsAt: at(3 * HOUR), states: ['fatal_error', 'scheduled'] }])
  })

  test('stays, and the meeting moves to an earlier time under its bot: that one was at it, and no other comes when it has left', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR + 5))
    await bot(id, ...joined)
    await world.put(ana, 'standup', [{ ...standup, start: HOUR - 10 }])
    expect(await meetings()).toMatchObject([{ id, states: ['joined_recording'], wanted: ['attend'] }])
    await bot(id, ...left)
    await sweepMeetings(deps(), { origin: 'sweep' })
    expect(await meetings()).toMatchObject([{ id, states: ['ended'] }])
  })

  test('stays, and the meeting moves by some minutes under its bot to a time that has come: another comes when it has left', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR + 6))
    await bot(id, ...joined)
    await world.put(ana, 'standup', [{ ...standup, start: HOUR + 5 }])
    expect(await meetings()).toMatchObject([{ id, states: ['joined_recording'], wanted: ['attend'] }])
    await bot(id, ...left)
    await sweepMeetings(deps(), { origin: 'sweep' })
    expect(await meetings()).toMatchObject([{ id, states: ['ended', 'scheduled'] }])
  })

  test.each([
    ['it was at it', [...joined, ...left], 'ended'],
    ['the host did not let it in', ['staged', 'join_requested', 'could_not_join_meeting'], 'fatal_error'],
  ] as const)(
    'stays, and the meeting moves to an earlier time after its bot: %s, and no other comes',
    async (_, way, state) => {
      await world.put(ana, 'standup', [standup])
      const [{ id } = { id: '' }] = await inStep()
      world.clock.set(at(HOUR + 5))
      await bot(id, ...way)
      for (const start of [HOUR - 10, HOUR - 15]) {
        await world.put(ana, 'standup', [{ ...standup, start }])
        expect(await meetings()).toMatchObject([{ id, startsAt: at(start), states: [state] }])
      }
    },
  )

  test('stays, and a further attempt that waits after losses waits on, whatever else is said of the meeting', async () => {
    await world.put(ana, 'standup', [standup])
    await inStep()
    world.clock.set(at(HOUR + 5))
    await world.db
      .updateTable('bot')
      .set({ joinAt: at(HOUR + 7) })
      .execute()
    await world.put(ana, 'standup', [{ ...standup, title: 'Morning' }])
    await sweepMeetings(deps(), { origin: 'sweep' })
    expect(await world.db.selectFrom('bot').select(['state', 'joinAt']).execute()).toEqual([
      { state: 'scheduled', joinAt: at(HOUR + 7) },
    ])
  })

  test('37: that changes after everybody has left the old room is attended in the new one while the meeting runs', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR + 5))
    await bot(id, ...joined, 'meeting_ended', 'post_processing_completed')
    world.clock.advance(60_000)
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    expect(await meetings()).toMatchObject([{ states: ['ended', 'scheduled'] }])
  })

  test('that is swapped between two meetings leaves each its id, its title and one bot', async () => {
    await world.put(ana, 'a', [{ ...standup, uid: 'a', title: 'A' }])
    await world.put(ana, 'b', [{ ...standup, uid: 'b', title: 'B', start: 3 * HOUR, room: 'two' }])
    const before = new Map((await inStep()).map((m) => [m.title, m.id]))
    await world.put(ana, 'a', [{ ...standup, uid: 'a', title: 'A', room: 'two' }])
    await world.put(ana, 'b', [{ ...standup, uid: 'b', title: 'B', start: 3 * HOUR, room: 'one' }])
    const after = await inStep()
    expect(new Map(after.map((m) => [m.title, m.id]))).toEqual(before)
    expect(after.map((m) => [m.title, m.roomKey.slice(-3), m.states])).toEqual([
      ['A', 'two', ['scheduled']],
      ['B', 'one', ['scheduled']],
    ])
  })
})
