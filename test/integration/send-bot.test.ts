import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { moveBot } from '../../src/features/bots/index.ts'
import { askForBot, refuseBot, wantBot } from '../../src/features/meetings/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { ana, openPlan } from '../support/open-plan.ts'
import { type Copy, findBrokenInvariants } from '../support/plan-world.ts'

const { deps, world } = await openPlan()
const standup: Copy = { uid: 'standup', room: 'one', start: 5, title: 'Stand-up', organizer: ana }
const room = (name: string) => ({
  platform: 'sandbox',
  roomId: `http://127.0.0.1:9/rooms/${name}`,
  url: `http://127.0.0.1:9/rooms/${name}`,
})

const bots = async () => {
  expect(await findBrokenInvariants(world.db)).toEqual([])
  return (await world.db.selectFrom('bot').select('state').orderBy('state').execute()).map((bot) => bot.state)
}
const onlyMeeting = () => world.db.selectFrom('meeting').select(['id', 'decision', 'reason']).executeTakeFirstOrThrow()

test('a bot sent to a room where nothing is planned gets a meeting of its own, and a second order adopts it', async () => {
  const first = await askForBot(deps(), { room: room('empty'), by: ana })
  expect(first).toMatchObject({ decision: 'attend', reason: 'sent_by_person' })
  expect((await askForBot(deps(), { room: room('empty'), by: ana })).id).toBe(first.id)
  expect(await bots()).toEqual(['scheduled'])
})

test('a bot sent to the room of a planned meeting is that meeting’s bot', async () => {
  await world.put(ana, 'standup', [standup])
  const planned = await onlyMeeting()
  expect((await askForBot(deps(), { room: room('one'), by: ana })).id).toBe(planned.id)
  expect(await bots()).toEqual(['scheduled'])
})

test('what a person says wins over the rules, and stays so when the event changes', async () => {
  await world.put(ana, 'standup', [{ ...standup, visibility: 'private' }])
  const { id } = await onlyMeeting()
  expect(await bots()).toEqual([])
  await wantBot(deps(), { meetingId: id, by: ana })
  await world.put(ana, 'standup', [{ ...standup, visibility: 'private', title: 'Renamed' }])
  expect(await onlyMeeting()).toMatchObject({ decision: 'attend', reason: 'sent_by_person' })
  expect(await bots()).toEqual(['scheduled'])
})

test('a person’s no cancels the bot and stays so through later edits, until somebody sends one', async () => {
  await world.put(ana, 'standup', [standup])
  const { id } = await onlyMeeting()
  await refuseBot(deps(), { meetingId: id, by: ana })
  await world.put(ana, 'standup', [{ ...standup, start: 20 }])
  expect(await onlyMeeting()).toMatchObject({ id, decision: 'skip', reason: 'stopped_by_person' })
  expect(await bots()).toEqual(['cancelled'])
  await wantBot(deps(), { meetingId: id, by: ana })
  expect(await bots()).toEqual(['cancelled', 'scheduled'])
})

test('a bot that was there and left comes again only when somebody sends it', async () => {
  await world.put(ana, 'standup', [{ ...standup, start: 0, minutes: 60 }])
  const { id } = await onlyMeeting()
  world.clock.advance(600_000)
  const [bot] = await world.db.selectFrom('bot').select(['id', 'state']).execute()
  await inTransaction(world.db, (trx) =>
    moveBot(trx, { bot: bot as never, event: 'fatal_error', end: 'process_terminated', now: world.clock.now() }),
  )
  // Its job ended with it.
  await sql`delete from rapporteur_jobs.job`.execute(world.db)
  await world.put(ana, 'standup', [{ ...standup, start: 0, minutes: 60, title: 'Edited' }])
  const states = async () =>
    (await world.db.selectFrom('bot').select('state').orderBy('state').execute()).map((one) => one.state)
  expect(await states()).toEqual(['fatal_error'])
  await wantBot(deps(), { meetingId: id, by: ana })
  expect(await states()).toEqual(['fatal_error', 'scheduled'])
})

test('there is no meeting of an unknown id', async () => {
  await expect(refuseBot(deps(), { meetingId: '00000000-0000-4000-8000-000000000000', by: ana })).rejects.toThrow(
    'There is no meeting',
  )
})
