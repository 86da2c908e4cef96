import { describe, expect, test } from 'vitest'
import { askForBot, refuseBot, wantBot } from '../../src/features/meetings/index.ts'
import { mayReadTranscript } from '../../src/features/transcripts/index.ts'
import { ana, at, ben, DAY, dan, HOUR, joined, openPlan, series, standup } from '../support/open-plan.ts'
import { type Copy, NOW } from '../support/plan-world.ts'
import { sharing } from '../support/web.ts'

const { bot, deps, inStep, meetings, world } = await openPlan()
const mayRead = (meetingId: string, email: string) =>
  mayReadTranscript({ db: world.db, clock: deps().clock }, meetingId, { email, at: deps().clock.now() }, sharing)

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

  test('is that of the meeting which its sender turns out to organise there: one meeting, one bot, with its title and readers', async () => {
    world.clock.set(at(HOUR + 5))
    const sent = await askForBot(deps(), { room: roomOf('one'), by: ana })
    await bot(sent.id, ...joined)
    await world.put(ana, 'standup', [standup])
    expect(await meetings()).toMatchObject([
      { id: sent.id, title: 'Stand-up', decision: 'attend', reason: 'sent_by_person', states: ['joined_recording'] },
    ])
    expect(await mayRead(sent.id, ben)).toBe(true)
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
