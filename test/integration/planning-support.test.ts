import { describe, expect, test } from 'vitest'
import { disconnectCalendar, reconnectCalendar } from '../../src/features/calendars/connection.ts'
import type { EventChange } from '../../src/features/calendars/index.ts'
import {
  applyRules,
  explainDecision,
  listCopies,
  readMeeting,
  reconcileChanges,
} from '../../src/features/meetings/index.ts'
import { mayReadTranscript } from '../../src/features/transcripts/index.ts'
import { inTransaction, type Transaction } from '../../src/platform/db/index.ts'
import { ana, at, ben, caro, dan, HOUR, openPlan, standup } from '../support/open-plan.ts'
import type { Copy } from '../support/plan-world.ts'
import { sharing } from '../support/web.ts'

const { bot, deps, inStep, meetings, world } = await openPlan()
const mayRead = (meetingId: string, email: string) =>
  mayReadTranscript({ db: world.db, clock: deps().clock }, meetingId, { email, at: deps().clock.now() }, sharing)

describe('Support', () => {
  test('38: all decline, one comes back', async () => {
    const response = (who: string, answer: Copy['response'] & string) =>
      world.put(who, 'standup', [{ ...standup, attendees: [ana, ben, caro], response: answer }])
    for (const who of [ana, ben, caro]) await response(who, 'accepted')
    await response(ana, 'declined')
    expect(await inStep()).toMatchObject([{ decision: 'attend' }])
    for (const who of [ben, caro]) await response(who, 'declined')
    expect(await inStep()).toMatchObject([{ decision: 'skip', reason: 'all_declined' }])
    await response(caro, 'accepted')
    expect(await inStep()).toMatchObject([{ decision: 'attend', states: ['cancelled', 'scheduled'] }])
  })

  test('39, 47: one copy deleted, one calendar disconnected: the bot stays for whoever is left, and goes with the last', async () => {
    const invited = { ...standup, organizer: 'guest@example.org', attendees: [ana, ben, caro, dan] }
    for (const who of [ana, ben, caro]) await world.put(who, 'standup', [invited])
    await world.put(ana, 'standup', [])
    await world.remove(ben)
    expect(await inStep()).toMatchObject([{ copies: 1, decision: 'attend', states: ['scheduled'] }])
    await world.remove(caro)
    expect(await world.db.selectFrom('meeting').select(['decision', 'reason']).execute()).toEqual([
      { decision: 'skip', reason: 'gone' },
    ])
    await world.put(dan, 'standup', [invited])
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
    await Promise.all(people.map((person) => world.put(person, 'standup', [{ ...standup, attendees: people }])))
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
    await world.put(ana, 'standup', [{ ...standup, attendees: people }])
    expect(await inStep()).toMatchObject([{ copies: 301 }])
    const variants = await world.db.selectFrom('occurrenceVariant').select('copies').orderBy('copies').execute()
    expect(variants).toEqual([{ copies: 1 }, { copies: 300 }])
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
        const readers = [ana, ben, caro, dan].map(async (who) => mayRead(id, who))
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
      expect(await mayRead(id, ben)).toBe(true)
      expect(await mayRead(id, 'mallory@example.com')).toBe(false)
    }
  })
})
