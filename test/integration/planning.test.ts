import { describe, expect, test } from 'vitest'
import { switchAttendance } from '../../src/features/meetings/index.ts'
import { listOccurrencesToSweep } from '../../src/features/meetings/meeting-store.ts'
import { ana, at, ben, caro, openPlan } from '../support/open-plan.ts'
import { type Copy, createPlanWorld, findBrokenInvariants, NOW } from '../support/plan-world.ts'

const { inStep, world } = await openPlan()
const meetings = () => inStep({ withGone: true })
const standup: Copy = {
  uid: 'standup',
  room: 'one',
  start: 60,
  title: 'Stand-up',
  organizer: ana,
  attendees: [ana, ben, caro],
}

describe('identity', () => {
  test('ten colleagues with one invitation are one meeting with one bot', async () => {
    const colleagues = Array.from({ length: 10 }, (_, i) => `person${i}@example.com`)
    for (const person of colleagues) await world.put(person, 'standup', [{ ...standup, attendees: colleagues }])
    expect(await meetings()).toMatchObject([{ copies: 10, supporting: 10, decision: 'attend', states: ['scheduled'] }])
  })

  test('one room used at 09:00 and at 15:00 is two meetings', async () => {
    await world.put(ana, 'morning', [{ ...standup, uid: 'morning' }])
    await world.put(ana, 'afternoon', [{ ...standup, uid: 'afternoon', start: 420 }])
    expect((await meetings()).map((m) => m.states)).toEqual([['scheduled'], ['scheduled']])
  })

  test('strangers whose meetings overlap in one room stay apart', async () => {
    await world.put(ana, 'a', [{ uid: 'a', room: 'one', start: 60, organizer: ana, attendees: [ana] }])
    await world.put(ben, 'b', [{ uid: 'b', room: 'one', start: 60, organizer: ben, attendees: [ben] }])
    expect(await meetings()).toHaveLength(2)
  })

  test('a copy under another UID counts when the times agree and it invites nobody but people who accepted the first', async () => {
    await world.put(ana, 'a', [{ ...standup, uid: 'a', attendees: [ana, ben] }])
    await world.put(ben, 'a', [{ ...standup, uid: 'a', attendees: [ana, ben] }])
    world.clock.advance(1_000)
    await world.put(ben, 'forwarded', [{ ...standup, uid: 'forwarded', organizer: ben, attendees: [ana, ben] }])
    expect(await meetings()).toMatchObject([{ copies: 3, title: 'Stand-up' }])
  })

  test('a copy under another UID that invites somebody more is another meeting', async () => {
    await world.put(ana, 'a', [{ ...standup, uid: 'a', attendees: [ana, ben] }])
    await world.put(ben, 'a', [{ ...standup, uid: 'a', attendees: [ana, ben] }])
    world.clock.advance(1_000)
    await world.put(ben, 'forwarded', [{ ...standup, uid: 'forwarded', organizer: ben, attendees: [ben, caro] }])
    expect(await meetings()).toHaveLength(2)
  })

  test('a copy under another UID half an hour later is another meeting', async () => {
    await world.put(ana, 'a', [{ ...standup, uid: 'a', attendees: [ana, ben] }])
    await world.put(ben, 'other', [{ ...standup, uid: 'other', start: 75, attendees: [ana, ben] }])
    expect(await meetings()).toHaveLength(2)
  })

  test('keys an hour apart in two calendars are one occurrence, as after a clock change', async () => {
    const series: Copy = { ...standup, uid: 'series' }
    await world.put(ana, 'series', [{ ...series, key: '2026-11-24T09:00:00Z' }])
    await world.put(ben, 'series', [{ ...series, key: '2026-11-24T10:00:00Z' }])
    expect(await meetings()).toMatchObject([{ copies: 2, states: ['scheduled'] }])
  })

  test('an hourly series in one calendar keeps its occurrences apart', async () => {
    const series: Copy = { ...standup, uid: 'hourly' }
    const copies = [9, 10, 11].map((hour, i) => ({
      ...series,
      key: `2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`,
      start: 60 * (i + 1),
    }))
    await world.put(ana, 'hourly', copies)
    await world.put(ben, 'hourly', copies)
    expect((await meetings()).map((m) => m.copies)).toEqual([2, 2, 2])
  })

  test("the organiser's copy gives title and time, whatever the others still say", async () => {
    await world.put(ben, 'standup', [{ ...standup, title: 'Old' }])
    await world.put(caro, 'standup', [{ ...standup, title: 'Old' }])
    await world.put(ana, 'standup', [{ ...standup, title: 'New', start: 90 }])
    expect(await meetings()).toMatchObject([{ title: 'New', startsAt: at(90), copies: 3 }])
  })
})

describe('moves', () => {
  test('a meeting that moves keeps its id and its bot, and the bot moves along', async () => {
    await world.put(ana, 'standup', [standup])
    const [before] = await meetings()
    await world.put(ana, 'standup', [{ ...standup, start: 1_500 }])
    expect(await meetings()).toMatchObject([{ id: before?.id, startsAt: at(1_500), states: ['scheduled'] }])
  })

  test('a new link keeps the meeting', async () => {
    await world.put(ana, 'standup', [standup])
    const [before] = await meetings()
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    const after = (await meetings()).filter((m) => m.copies > 0)
    expect(after).toMatchObject([{ id: before?.id, states: ['scheduled'] }])
    expect(after[0]?.roomKey).toContain('two')
  })

  test('a new link counts when the organiser has it, whoever else has it before', async () => {
    for (const person of [ana, ben, caro]) await world.put(person, 'standup', [standup])
    const [before] = await meetings()
    for (const person of [ben, caro]) {
      await world.put(person, 'standup', [{ ...standup, room: 'two' }])
      const [meeting, ...others] = await meetings()
      expect(meeting).toMatchObject({ id: before?.id, decision: 'attend' })
      expect(meeting?.roomKey).toContain('one')
      expect(others).toEqual([])
    }
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    expect(await meetings()).toMatchObject([{ id: before?.id, copies: 3, states: ['scheduled'] }])
  })

  test('a new link that reaches the calendars one after the other keeps the meeting as well', async () => {
    const invited = { ...standup, organizer: 'guest@example.org' }
    for (const person of [ana, ben, caro]) await world.put(person, 'standup', [invited])
    const [before] = await meetings()
    for (const person of [ben, caro, ana]) {
      world.clock.advance(1_000)
      await world.put(person, 'standup', [{ ...invited, room: 'two' }])
    }
    const after = await meetings()
    expect(after.filter((m) => m.copies > 0)).toMatchObject([{ id: before?.id, copies: 3, states: ['scheduled'] }])
    expect(after.filter((m) => m.copies === 0)).toMatchObject([{ reason: 'merged', states: ['cancelled'] }])
  })

  test('a link that is removed cancels the bot, and the meeting keeps its id when it comes back', async () => {
    await world.put(ana, 'standup', [standup])
    const [before] = await meetings()
    await world.put(ana, 'standup', [{ ...standup, room: null }])
    expect(await meetings()).toMatchObject([
      { id: before?.id, decision: 'skip', reason: 'gone', states: ['cancelled'] },
    ])
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([{ id: before?.id, decision: 'attend', states: ['cancelled', 'scheduled'] }])
  })

  test('a meeting whose heir took its place and then went as well is not left behind as attended', async () => {
    // Found by the property test: the heir carries the UID of the meeting it went on from.
    const first: Copy = {
      uid: 'series',
      key: '2026-11-24T09:00:00Z',
      room: 'two',
      start: 60,
      organizer: 'guest@example.org',
    }
    await world.put(ana, 'series', [first])
    await world.put(ana, 'series', [])
    await world.put(caro, 'standup', [{ ...standup, room: 'two', organizer: 'guest@example.org' }])
    await world.put(caro, 'standup', [])
    expect((await meetings()).map((m) => m.decision)).toEqual(['skip', 'skip'])
  })

  test('a past meeting that is moved into the future is planned', async () => {
    await world.put(ana, 'standup', [{ ...standup, start: -120 }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'already_over', states: null }])
    await world.put(ana, 'standup', [{ ...standup, start: 120 }])
    expect(await meetings()).toMatchObject([{ decision: 'attend', states: ['scheduled'] }])
  })

  test('a meeting that is found as good as over is not said to be attended, and one that is being attended still is', async () => {
    await world.put(ana, 'late', [{ ...standup, uid: 'late', room: 'late', start: -29 }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'already_over', states: null }])
    await world.put(ana, 'late', [])
    await world.put(ana, 'standup', [{ ...standup, start: 0 }])
    world.clock.advance(29 * 60_000)
    await world.put(ana, 'standup', [{ ...standup, start: 0, title: 'Renamed' }])
    expect((await meetings()).find((m) => m.title === 'Renamed')).toMatchObject({ decision: 'attend' })
  })

  test('a meeting that is moved into the past is cancelled', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ana, 'standup', [{ ...standup, start: -120 }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'already_over', states: ['cancelled'] }])
  })

  test('what was decided about a meeting is not rewritten once it is over', async () => {
    await world.put(ana, 'standup', [standup])
    world.clock.advance(3 * 3_600_000)
    await world.put(ana, 'standup', [{ ...standup, title: 'Renamed afterwards' }])
    expect(await meetings()).toMatchObject([{ title: 'Renamed afterwards', decision: 'attend', reason: 'wanted' }])
  })
})

describe('support', () => {
  test('one person declining leaves the meeting to the others; all declining cancels it; one accepting plans it again', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ben, 'standup', [standup])
    await world.put(ana, 'standup', [{ ...standup, response: 'declined' }])
    expect(await meetings()).toMatchObject([{ decision: 'attend', supporting: 1 }])
    await world.put(ben, 'standup', [{ ...standup, response: 'declined' }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'all_declined', states: ['cancelled'] }])
    await world.put(ben, 'standup', [{ ...standup, response: 'accepted' }])
    expect(await meetings()).toMatchObject([{ decision: 'attend', states: ['cancelled', 'scheduled'] }])
  })

  test('a cancelled meeting has no bot', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ana, 'standup', [{ ...standup, cancelled: true }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'cancelled', states: ['cancelled'] }])
  })

  test.each([
    ['private', { visibility: 'private' }],
    ['confidential', { visibility: 'confidential' }],
    ['all_day', { isAllDay: true }],
    ['out_of_office', { kind: 'out_of_office' }],
    ['focus_time', { kind: 'focus_time' }],
    ['working_location', { kind: 'working_location' }],
    ['birthday', { kind: 'birthday' }],
    ['opted_out', { description: 'Between us. #NoRecord please' }],
  ] as const)('is not attended by default: %s', async (reason, change) => {
    await world.put(ana, 'standup', [{ ...standup, ...change }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason, states: null }])
  })

  test('anyone who supports the meeting can ask for it not to be recorded', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ben, 'standup', [{ ...standup, description: '#norecord' }])
    expect(await meetings()).toMatchObject([{ decision: 'skip', reason: 'opted_out' }])
  })

  test('each change of mind is kept with its reason', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ana, 'standup', [{ ...standup, response: 'declined' }])
    const rows = await world.db.selectFrom('meetingDecision').select(['decision', 'reason']).orderBy('id').execute()
    expect(rows).toEqual([
      { decision: 'attend', reason: 'wanted' },
      { decision: 'skip', reason: 'all_declined' },
    ])
  })

  test('the same change twice writes nothing the second time', async () => {
    await world.put(ana, 'standup', [standup])
    const written = () => world.db.selectFrom('meeting').select('updatedAt').executeTakeFirstOrThrow()
    const before = await written()
    world.clock.advance(60_000)
    await world.put(ana, 'standup', [standup])
    expect(await written()).toEqual(before)
  })
})

describe('observing', () => {
  test('everything is planned, no bot is scheduled; switching on schedules, switching off cancels', async () => {
    await using quiet = await createPlanWorld()
    await quiet.put(ana, 'standup', [standup])
    const read = () => quiet.db.selectFrom('meeting').select(['decision', 'reason']).execute()
    const bots = () => quiet.db.selectFrom('bot').select('state').execute()
    expect(await read()).toEqual([{ decision: 'observe', reason: 'wanted' }])
    expect(await bots()).toEqual([])
    await switchAttendance({ ...quiet.reconcile, db: quiet.db }, { mode: 'on', by: 'test' })
    expect(await read()).toEqual([{ decision: 'attend', reason: 'wanted' }])
    expect(await bots()).toEqual([{ state: 'scheduled' }])
    await switchAttendance({ ...quiet.reconcile, db: quiet.db }, { mode: 'observing', by: 'test' })
    expect(await bots()).toEqual([{ state: 'cancelled' }])
    expect(await findBrokenInvariants(quiet.db)).toEqual([])
  })

  test('a platform without a runner is planned as not attended, apart from failures', async () => {
    await using world = await createPlanWorld({ attendance: 'on' })
    const deps = { ...world.reconcile, runnerOf: () => undefined, db: world.db }
    await world.put(ana, 'standup', [standup])
    await switchAttendance(deps, { mode: 'on', by: 'test' })
    const rows = await world.db.selectFrom('meeting').select(['decision', 'reason']).execute()
    expect(rows).toEqual([{ decision: 'no_runner', reason: 'wanted' }])
  })
})

test('a sweep goes on past meetings that lost all their copies', async () => {
  for (let i = 0; i < 3; i++) await world.put(ana, `gone-${i}`, [{ ...standup, uid: `gone-${i}`, room: `gone-${i}` }])
  await world.put(ana, 'standup', [standup])
  for (let i = 0; i < 3; i++) await world.put(ana, `gone-${i}`, [])
  const seen: string[] = []
  let afterId: string | undefined
  for (;;) {
    const page = await listOccurrencesToSweep(world.db, { endsAfter: NOW }, afterId, 1)
    if (page.lastId === undefined) break
    seen.push(...page.refs.map((ref) => ref.uid))
    afterId = page.lastId
  }
  expect(seen).toEqual(['standup'])
})
