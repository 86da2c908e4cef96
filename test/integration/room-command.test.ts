import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCommandLine, type TestCommandLine } from '../support/command-line.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type SeedEvent, seedCalendar, seedEvents } from '../support/seed.ts'

const LINK = 'https://meet.google.com/abc-defg-hij'
const HOUR_MS = 3_600_000

let commandLine: TestCommandLine
beforeAll(async () => {
  commandLine = await createTestCommandLine()
})
afterAll(() => commandLine[Symbol.asyncDispose]())

const readOf = (title: string) =>
  commandLine.db
    .selectFrom('meeting')
    .select(['id', 'decision', 'reason'])
    .where('title', '=', title)
    .executeTakeFirstOrThrow()

test('who brought a room is said by an administrator, and theirs comes first there from then on', async () => {
  const clock = createManualClock(new Date())
  const at = new Date(clock.now().getTime() + HOUR_MS).toISOString()
  const write = async (owner: string, event: Partial<SeedEvent> & { title: string }) => {
    const calendar = { id: await seedCalendar(commandLine.db, clock, owner), owner }
    await seedEvents(
      { db: commandLine.db, clock },
      [calendar],
      [{ at, location: LINK, organizerEmail: owner, ...event }],
    )
    clock.advance(1_000)
  }
  await write('ben@example.com', { title: 'Older' })
  await write('ana@example.com', { title: 'Newer' })
  expect(await readOf('Newer')).toMatchObject({ decision: 'skip', reason: 'another_meeting_held' })

  expect(await commandLine.run('room', 'show', LINK)).toMatchObject({
    status: 0,
    out: 'Nobody is known to have brought this room.',
  })
  const said = await commandLine.run('room', 'brought', LINK, 'Ana@Example.com')
  expect(said).toMatchObject({ status: 0, out: expect.stringContaining('ana@example.com brought this room') })
  expect(await readOf('Newer')).toMatchObject({ decision: 'no_runner' })
  expect(await readOf('Older')).toMatchObject({ decision: 'skip', reason: 'another_meeting_held' })

  expect(await commandLine.run('room', 'close', LINK)).toMatchObject({
    status: 0,
    out: expect.stringContaining('It is closed'),
  })
  expect(await readOf('Older')).toMatchObject({ decision: 'skip', reason: 'room_closed' })
  expect(await commandLine.run('room', 'open', LINK)).toMatchObject({
    status: 0,
    out: expect.stringContaining('It is open'),
  })
  expect(await readOf('Older')).toMatchObject({ decision: 'skip', reason: 'another_meeting_held' })
})

test('a room that nobody is known to have brought is not closed; what is no link or no address is refused', async () => {
  const other = 'https://meet.google.com/xyz-abcd-efg'
  expect(await commandLine.run('room', 'close', other)).toMatchObject({
    status: 1,
    out: expect.stringContaining('Say first who did'),
  })
  expect(await commandLine.run('room', 'brought', other, 'nobody')).toMatchObject({
    status: 1,
    out: expect.stringContaining('"nobody"'),
  })
  expect(await commandLine.run('room', 'show', 'nowhere')).toMatchObject({ status: 1 })
  expect(await commandLine.run('room', 'lock', other)).toMatchObject({ status: 2 })
})

test('which meeting was held can be said once it has begun, and unless another one is recorded just then', async () => {
  const { id } = await readOf('Older')
  expect(await commandLine.run('held', id)).toMatchObject({ status: 1, out: expect.stringContaining('has not begun') })
  const started = new Date(Date.now() - HOUR_MS / 2)
  await commandLine.db
    .updateTable('meeting')
    .set({ startsAt: started })
    .where('title', 'in', ['Older', 'Newer'])
    .execute()
  const newer = await readOf('Newer')
  const recorded = { meetingId: newer.id, state: 'complete' as const, startedAt: started, endedAt: new Date() }
  const nothing = { fileKey: null, durationMs: null, sizeBytes: null }
  await commandLine.db
    .insertInto('recording')
    .values({ ...recorded, ...nothing })
    .execute()
  expect(await commandLine.run('held', id)).toMatchObject({
    status: 1,
    out: expect.stringContaining(`the meeting ${newer.id}'s, is still being written`),
  })

  await commandLine.db.deleteFrom('recording').execute()
  expect(await commandLine.run('held', id)).toMatchObject({ status: 0, out: expect.stringContaining('Written down.') })
  expect(await readOf('Older')).toMatchObject({ decision: 'no_runner', reason: 'wanted' })
})
