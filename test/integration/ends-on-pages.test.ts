import { afterAll, beforeAll, expect, test } from 'vitest'
import { newBotId } from '../../src/base/ids.ts'
import { botEnds } from '../../src/features/bots/bot-end.ts'
import { type BotHappening, explainEnd, moveBot } from '../../src/features/bots/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { startTestWeb, type TestWeb, textOf } from '../support/web.ts'

let web: TestWeb
let session: string
beforeAll(async () => {
  web = await startTestWeb()
  session = await web.signIn({ email: 'ana@example.com', isAdmin: true })
  const ana = { id: await seedCalendar(web.db, web.clock, 'ana@example.com'), owner: 'ana@example.com' }
  await seedEvents(
    web,
    [ana],
    ['one', 'two', 'three', 'four', 'five'].map((title, hour) => ({
      title,
      at: `2026-11-23T1${hour}:00:00Z`,
      location: 'https://meet.google.com/abc-defg-hij',
    })),
  )
  await web.db.updateTable('meeting').set({ decision: 'attend' }).execute()
})
afterAll(() => web[Symbol.asyncDispose]())

async function meetingOf(title: string) {
  return web.db.selectFrom('meeting').select(['id', 'startsAt']).where('title', '=', title).executeTakeFirstOrThrow()
}

/** A bot that goes through this, in a room of its own. */
async function send(meeting: { id: string; startsAt: Date }, ...story: BotHappening[]): Promise<void> {
  const now = web.clock.now()
  const times = { joinAt: meeting.startsAt, attendsAt: meeting.startsAt, createdAt: now, stateAt: now }
  const row = { id: newBotId(), meetingId: meeting.id, runner: 'browser', state: 'scheduled' as const, jobId: null }
  await web.db
    .insertInto('bot')
    .values({ ...row, ...times, roomKey: row.id })
    .execute()
  await inTransaction(web.db, async (trx) => {
    let state: Parameters<typeof moveBot>[1]['bot']['state'] = row.state
    for (const what of story) {
      const next = await moveBot(trx, { ...what, bot: { id: row.id, state }, now })
      if (next === null) throw new Error(`${what.event} is refused in ${state}`)
      state = next
    }
  })
}

async function read(path: string): Promise<string> {
  return textOf((await web.ask(path, { session })).body)
}

test('every end of a bot is a sentence on the page of its meeting', async () => {
  const meeting = await meetingOf('one')
  for (const end of botEnds) await send(meeting, { event: 'fatal_error', end })
  const page = await read(`/dashboard/meetings/${meeting.id}/`)
  for (const end of botEnds) expect(page).toContain(explainEnd(end))
})

test('what a server said when it refused a bot stands with it, and in the plan of the day', async () => {
  const meeting = await meetingOf('two')
  const said = 'meeting_url: Invalid meeting URL'
  await send(meeting, { event: 'fatal_error', end: 'attendee_refused', detail: { said } })
  const why = `It should have had a bot and got none. The Attendee server refused to send a bot. “${said}”`
  expect(await read(`/dashboard/meetings/${meeting.id}/`)).toContain(why)
  expect(await read('/dashboard/')).toContain(why)
})

test('who removed a bot is said', async () => {
  const meeting = await meetingOf('three')
  await send(
    meeting,
    { event: 'join_requested' },
    { event: 'joined_meeting' },
    { event: 'meeting_ended', end: 'removed_from_meeting', detail: { by: 'Ben Levi' } },
  )
  expect(await read(`/dashboard/meetings/${meeting.id}/`)).toContain(
    'Somebody in the meeting removed it. It was Ben Levi.',
  )
})

test('a failure goes before what a bot was asked for, and the first reason to leave before a later one', async () => {
  const left: BotHappening[] = [
    { event: 'join_requested' },
    { event: 'joined_meeting' },
    { event: 'leave_requested', end: 'next_meeting' },
  ]
  const meeting = await meetingOf('four')
  await send(meeting, ...left, { event: 'fatal_error', end: 'attendee_did_not_leave' })
  expect(await read('/dashboard/')).toContain(
    `Its bot tried and did not succeed. ${explainEnd('attendee_did_not_leave')}`,
  )
  const row = web.db.selectFrom('bot').select('outcome').where('meetingId', '=', meeting.id)
  expect(await row.executeTakeFirst()).toEqual({ outcome: 'gave_way' })
})

test('a bot that is out without a word of why says that, and one that was asked to leave does not', async () => {
  const meeting = await meetingOf('five')
  const joined: BotHappening[] = [{ event: 'join_requested' }, { event: 'joined_meeting' }]
  await send(meeting, ...joined, { event: 'left_meeting' })
  const page = await read(`/dashboard/meetings/${meeting.id}/`)
  expect(page).toContain(explainEnd('left_unexplained'))
  await web.db.deleteFrom('bot').where('meetingId', '=', meeting.id).execute()
  await send(meeting, ...joined, { event: 'leave_requested', end: 'auto_leave_silence' }, { event: 'left_meeting' })
  expect(await read(`/dashboard/meetings/${meeting.id}/`)).not.toContain(explainEnd('left_unexplained'))
})
