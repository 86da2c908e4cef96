import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BotEventType } from '../../src/features/bots/bot-state.ts'
import { moveBot } from '../../src/features/bots/index.ts'
import { disconnectCalendar, reconnectCalendar } from '../../src/features/calendars/connection.ts'
import type { EventChange } from '../../src/features/calendars/index.ts'
import {
  applyRules,
  askForBot,
  explainDecision,
  followPlan,
  listCopies,
  listWishes,
  readMeeting,
  reconcileChanges,
  refuseBot,
  wantBot,
} from '../../src/features/meetings/index.ts'
import { mayReadTranscript } from '../../src/features/transcripts/index.ts'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import { type Copy, createPlanWorld, findBrokenInvariants, NOW, type PlanWorld } from '../support/plan-world.ts'
import { sharing } from '../support/web.ts'

const [ana, ben, caro, dan] = ['ana', 'ben', 'caro', 'dan'].map((name) => `${name}@example.com`) as [
  string,
  string,
  string,
  string,
]
const HOUR = 60
const DAY = 24 * HOUR
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)
const keyAt = (minutes: number) => at(minutes).toISOString().replace('.000Z', 'Z')

let world: PlanWorld
beforeAll(async () => {
  world = await createPlanWorld({ attendance: 'on' })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(async () => {
  world.clock.set(NOW)
  await world.clear()
})

interface Row {
  id: string
  title: string
  decision: string
  reason: string
  copies: number
  startsAt: Date
  roomKey: string
  states: string[] | null
  wanted: string[] | null
}

const deps = () => ({ ...world.reconcile, db: world.db, ruleContext: world.ruleContext })

/** The meetings that stand in a calendar, in the order of their start, with the states of their bots. */
async function meetings(): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select m.id, m.title, m.decision, m.reason, m.copies, m.starts_at, m.room_key,
      (select array_agg(b.state order by b.created_at, b.state) from bot b where b.meeting_id = m.id) as states,
      (select array_agg(b.wanted order by b.created_at, b.state) from bot b where b.meeting_id = m.id) as wanted
    from meeting m where m.copies > 0 order by m.starts_at, m.title`.execute(world.db)
  return rows
}

/** The same, where nothing has begun and so everything must be in step. */
async function inStep(): Promise<Row[]> {
  expect(await findBrokenInvariants(world.db)).toEqual([])
  return meetings()
}

const standup: Copy = {
  uid: 'standup',
  room: 'one',
  start: HOUR,
  title: 'Stand-up',
  organizer: ana,
  attendees: [ana, ben],
}
const series = (first: number, days: readonly number[], changes: Partial<Copy> = {}): Copy[] =>
  days.map((day) => ({
    ...standup,
    uid: 'series',
    key: keyAt(first + day * DAY),
    start: first + day * DAY,
    ...changes,
  }))

/** Moves the one live bot of a meeting, as its worker does. */
async function bot(meetingId: string, ...events: BotEventType[]): Promise<void> {
  for (const event of events) {
    const live = await world.db
      .selectFrom('bot')
      .select(['id', 'state', 'jobId'])
      .where('meetingId', '=', meetingId)
      .where('state', 'not in', ['ended', 'fatal_error', 'cancelled'])
      .executeTakeFirstOrThrow()
    const now = world.clock.now()
    const state = await inTransaction(world.db, (trx) => moveBot(trx, { bot: live as never, event, now }))
    expect(state, event).not.toBeNull()
    // A worker completes the job with its bot.
    if (state === 'ended' || state === 'fatal_error')
      await sql`delete from rapporteur_jobs.job where id = ${live.jobId}::uuid`.execute(world.db)
  }
}
const joined = ['staged', 'join_requested', 'joined_meeting'] as const
const left = ['leave_requested', 'left_meeting', 'post_processing_completed'] as const

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
    await world.put(ana, 'series', series(0, [0, 1], { room: 'twice' }))
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

describe('Support', () => {
  test('38: all decline, one comes back', async () => {
    const response = (who: string, answer: Copy['response'] & string) =>
      world.put(who, 'standup', [{ ...standup, response: answer }])
    for (const who of [ana, ben, caro]) await response(who, 'accepted')
    await response(ana, 'declined')
    expect(await inStep()).toMatchObject([{ decision: 'attend' }])
    for (const who of [ben, caro]) await response(who, 'declined')
    expect(await inStep()).toMatchObject([{ decision: 'skip', reason: 'all_declined' }])
    await response(caro, 'accepted')
    expect(await inStep()).toMatchObject([{ decision: 'attend', states: ['cancelled', 'scheduled'] }])
  })

  test('39, 47: one copy deleted, one calendar disconnected: the bot stays for whoever is left, and goes with the last', async () => {
    for (const who of [ana, ben, caro]) await world.put(who, 'standup', [standup])
    await world.put(ana, 'standup', [])
    await world.remove(ben)
    expect(await inStep()).toMatchObject([{ copies: 1, decision: 'attend', states: ['scheduled'] }])
    await world.remove(caro)
    expect(await world.db.selectFrom('meeting').select(['decision', 'reason']).execute()).toEqual([
      { decision: 'skip', reason: 'gone' },
    ])
    await world.put(dan, 'standup', [standup])
    expect(await inStep()).toMatchObject([{ copies: 1, decision: 'attend', states: ['cancelled', 'scheduled'] }])
  })

  test('47: a calendar that is disconnected ceases to support its meeting, which says so, and supports it again when it is back', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    const { id: calendarId } = await world.db.selectFrom('calendar').select('id').executeTakeFirstOrThrow()
    const reconcile = (trx: Transaction, changes: readonly EventChange[]) =>
      reconcileChanges(world.reconcile, trx, changes)
    const seen = async () => {
      const meeting = await readMeeting(world.db, id)
      const [copy] = await listCopies(world.db, id, 10)
      return [meeting && explainDecision(meeting, world.clock.now()), copy?.isConnected]
    }
    const before = await seen()
    await disconnectCalendar({ ...deps(), reconcile }, { calendarId, reason: 'consent_withdrawn' })
    expect(await inStep()).toMatchObject([{ id, reason: 'no_connected_calendar', states: ['cancelled'] }])
    expect(await seen()).toEqual(['Not attended: the calendars that hold it are disconnected.', false])
    await inTransaction(world.db, (trx) => reconnectCalendar({ reconcile }, trx, calendarId))
    expect(await inStep()).toMatchObject([{ id, decision: 'attend', states: ['cancelled', 'scheduled'] }])
    expect(await seen()).toEqual(before)
  })

  test('40: the organiser cancels while the bot waits to be let in: it is asked to go', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, 'staged', 'join_requested', 'put_in_waiting_room')
    await world.put(ana, 'standup', [{ ...standup, cancelled: true }])
    expect(await meetings()).toMatchObject([{ reason: 'cancelled', states: ['waiting_room'], wanted: ['leave'] }])
  })

  test('42: ten calendars that are read at the same moment make one meeting with one bot', async () => {
    const people = Array.from({ length: 10 }, (_, i) => `person${i}@example.com`)
    await Promise.all(people.map((person) => world.put(person, 'standup', [standup])))
    expect(await inStep()).toMatchObject([{ copies: 10, states: ['scheduled'] }])
  })

  test('44: only rooms and the organiser: a rule on the number of people counts neither rooms nor groups', async () => {
    const source = JSON.stringify({ rules: [{ name: 'Two', when: { people: { atMost: 1 } }, decision: 'skip' }] })
    await applyRules(deps(), { source, path: null, by: ana })
    const alone: Copy = { ...standup, attendees: [ana], rooms: ['room-1@example.com'], groups: ['all@example.com'] }
    await world.put(ana, 'standup', [alone])
    expect(await inStep()).toMatchObject([{ decision: 'skip', reason: 'rule' }])
    await world.put(ana, 'standup', [{ ...alone, attendees: [ana, ben] }])
    expect(await inStep()).toMatchObject([{ decision: 'attend' }])
  })

  test('where nobody sees the other guests, three hundred copies are one variant', async () => {
    const people = Array.from({ length: 300 }, (_, i) => `guest${i}@example.com`)
    for (const person of people) await world.put(person, 'standup', [{ ...standup, attendees: [person] }])
    expect(await inStep()).toMatchObject([{ copies: 300 }])
    expect(await world.db.selectFrom('occurrenceVariant').select('copies').execute()).toEqual([{ copies: 300 }])
  }, 60_000)

  test('a copied invitation does not speak for the meeting, even if it names its owner as the organiser', async () => {
    await world.put(ana, 'standup', [standup])
    await world.put(ben, 'standup', [standup])
    await world.put('mallory@example.com', 'standup', [
      { ...standup, organizer: 'mallory@example.com', title: 'Mine', start: 3 * HOUR },
    ])
    expect(await inStep()).toMatchObject([{ title: 'Stand-up', startsAt: at(HOUR) }])
  })
})

describe('One room', () => {
  test('41: with three chained overlaps holds three meetings with three circles of readers', async () => {
    const chain = [
      { uid: 'first', start: HOUR, minutes: 60, organizer: ana, attendees: [ana, ben] },
      { uid: 'second', start: HOUR + 30, minutes: 60, organizer: ana, attendees: [ana, caro] },
      { uid: 'third', start: HOUR + 75, minutes: 60, organizer: ana, attendees: [ana, dan] },
    ]
    for (const copy of chain) {
      const entry: Copy = { ...copy, room: 'ana', title: copy.uid }
      for (const who of copy.attendees) await world.put(who, copy.uid, [entry])
    }
    const rows = await inStep()
    expect(rows.map((m) => [m.title, m.copies, m.states])).toEqual([
      ['first', 2, ['scheduled']],
      ['second', 2, ['scheduled']],
      ['third', 2, ['scheduled']],
    ])
    const may = await Promise.all(
      rows.map(async ({ id }) => {
        const readers = [ana, ben, caro, dan].map(async (who) => mayReadTranscript(world.db, id, who, sharing))
        return Promise.all(readers)
      }),
    )
    expect(may).toEqual([
      [true, true, false, false],
      [true, false, true, false],
      [true, false, false, true],
    ])
  })

  test('back to back holds two meetings, and a copied invitation opens neither to its thief', async () => {
    const first: Copy = { ...standup, uid: 'first', minutes: 30 }
    await world.put(ana, 'first', [first])
    await world.put(ana, 'second', [{ ...standup, uid: 'second', start: HOUR + 30 }])
    await world.put('mallory@example.com', 'first', [{ ...first, attendees: [ana, ben, 'mallory@example.com'] }])
    const rows = await inStep()
    expect(rows).toHaveLength(2)
    for (const { id } of rows) {
      expect(await mayReadTranscript(world.db, id, ben, sharing)).toBe(true)
      expect(await mayReadTranscript(world.db, id, 'mallory@example.com', sharing)).toBe(false)
    }
  })
})

describe('What a person said', () => {
  test('46: stays through a new title, a new time and a new link that reaches the calendars one by one', async () => {
    for (const who of [ana, ben]) await world.put(who, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    await refuseBot(deps(), { meetingId: id, by: ben })
    const edited: Copy = { ...standup, title: 'Renamed', start: 3 * HOUR, room: 'two' }
    for (const who of [ben, ana]) {
      world.clock.advance(1_000)
      await world.put(who, 'standup', [edited])
      const decisions = (await inStep()).map((m) => [m.decision, m.reason])
      expect(new Set(decisions.map(String))).toEqual(new Set(['skip,stopped_by_person']))
    }
    expect(await world.db.selectFrom('bot').select('state').execute()).toEqual([{ state: 'cancelled' }])
  })

  test('holds for the invitation when its meeting is another row: gone from one room and made anew in another', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    await refuseBot(deps(), { meetingId: id, by: ben })
    // Another meeting takes the row's place in the meantime.
    await world.db.updateTable('meeting').set({ uid: 'taken', occurrenceKey: 'taken' }).where('id', '=', id).execute()
    await world.put(ana, 'standup', [])
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    expect(await inStep()).toMatchObject([{ decision: 'skip', reason: 'stopped_by_person' }])
  })

  test('about one instance says nothing about the others', async () => {
    await world.put(ana, 'series', series(DAY, [0, 1]))
    const [first] = await inStep()
    await refuseBot(deps(), { meetingId: first?.id as string, by: ben })
    expect((await inStep()).map((m) => m.decision)).toEqual(['skip', 'attend'])
  })

  test('that a bot in the room is not to leave after all reaches it', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    await refuseBot(deps(), { meetingId: id, by: ben })
    expect(await meetings()).toMatchObject([{ states: ['joined_recording'], wanted: ['leave'] }])
    await wantBot(deps(), { meetingId: id, by: ben })
    expect(await meetings()).toMatchObject([{ states: ['joined_recording'], wanted: ['attend'] }])
  })

  test('is kept with who and when, and the last word counts', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    await refuseBot(deps(), { meetingId: id, by: ben })
    world.clock.advance(60_000)
    await wantBot(deps(), { meetingId: id, by: 'administrator' })
    const wishes = await world.db.selectFrom('wish').select(['wish', 'wishedBy', 'wishedAt']).orderBy('id').execute()
    expect(wishes).toEqual([
      { wish: 'none', wishedBy: ben, wishedAt: NOW },
      { wish: 'attend', wishedBy: 'administrator', wishedAt: new Date(NOW.getTime() + 60_000) },
    ])
    const row = await world.db.selectFrom('meeting').select(['wish', 'wishBy', 'reason']).executeTakeFirst()
    expect(row).toEqual({ wish: 'attend', wishBy: 'administrator', reason: 'sent_by_person' })
    const bots = await world.db.selectFrom('bot').select(['state', 'origin']).orderBy('createdAt').execute()
    expect(bots).toEqual([
      { state: 'cancelled', origin: 'calendar' },
      { state: 'scheduled', origin: 'person' },
    ])
  })
})

describe('A bot sent to a link', () => {
  const roomOf = (name: string) => {
    const url = `http://127.0.0.1:9/rooms/${name}`
    return { platform: 'sandbox', roomId: url, url }
  }

  test('is that of the meeting which a calendar turns out to know there: one meeting, one bot, with its title and readers', async () => {
    world.clock.set(at(HOUR + 5))
    const sent = await askForBot(deps(), { room: roomOf('one'), by: dan })
    await bot(sent.id, ...joined)
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([
      { id: sent.id, title: 'Stand-up', decision: 'attend', reason: 'sent_by_person', states: ['joined_recording'] },
    ])
    expect(await mayReadTranscript(world.db, sent.id, ben, sharing)).toBe(true)
    await world.put(ana, 'standup', [{ ...standup, room: 'two' }])
    expect(await meetings()).toMatchObject([{ id: sent.id }])
  })

  test('is not that of a meeting which takes place there at another time', async () => {
    const sent = await askForBot(deps(), { room: roomOf('one'), by: dan })
    await world.put(ana, 'standup', [standup])
    const rows = await world.db.selectFrom('meeting').select('id').where('decision', '=', 'attend').execute()
    expect(rows).toHaveLength(2)
    expect((await inStep()).map((m) => m.id)).not.toContain(sent.id)
  })

  test('goes on when other invitations of its room come and go', async () => {
    const sent = await askForBot(deps(), { room: roomOf('one'), by: dan })
    await world.put(ana, 'standup', [standup])
    await world.put(ana, 'standup', [])
    const row = await world.db
      .selectFrom('meeting')
      .select(['decision', 'reason'])
      .where('id', '=', sent.id)
      .executeTakeFirst()
    expect(row).toEqual({ decision: 'attend', reason: 'sent_by_person' })
  })

  test('is the bot that still sits there, where its meeting runs over', async () => {
    await world.put(ana, 'standup', [standup])
    const [{ id } = { id: '' }] = await inStep()
    world.clock.set(at(HOUR))
    await bot(id, ...joined)
    world.clock.set(at(HOUR + 45))
    expect((await askForBot(deps(), { room: roomOf('one'), by: dan })).id).toBe(id)
    expect(await meetings()).toMatchObject([{ id, states: ['joined_recording'], wanted: ['attend'] }])
  })
})
