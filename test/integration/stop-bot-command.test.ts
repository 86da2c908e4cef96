import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCommandLine, type TestCommandLine } from '../support/command-line.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'

const ana = 'ana@example.com'

let commandLine: TestCommandLine
beforeAll(async () => {
  commandLine = await createTestCommandLine()
})
afterAll(() => commandLine[Symbol.asyncDispose]())

test('stop-bot keeps bots from a meeting, and with --undo it goes as planned again', async () => {
  const clock = createManualClock(new Date())
  const calendar = { id: await seedCalendar(commandLine.db, clock, ana), owner: ana }
  const at = new Date(Date.now() + 86_400_000).toISOString()
  const planning = { title: 'Planning', at, location: 'https://meet.google.com/abc-defg-hij' }
  await seedEvents({ db: commandLine.db, clock }, [calendar], [planning])
  const read = () => commandLine.db.selectFrom('meeting').select(['id', 'decision', 'wish']).executeTakeFirstOrThrow()
  const { id } = await read()

  expect(await commandLine.run('stop-bot', id)).toMatchObject({
    status: 0,
    out: expect.stringContaining('No bot goes to this'),
  })
  expect(await read()).toMatchObject({ decision: 'skip', wish: 'none' })
  const undone = await commandLine.run('stop-bot', id, '--undo')
  expect(undone).toMatchObject({ status: 0, out: expect.stringContaining('As planned again. Would be attended') })
  expect(await read()).toMatchObject({ decision: 'no_runner', wish: null })

  const unknown = await commandLine.run('stop-bot', 'bot_abcdefghijklmnop', '--undo')
  expect(unknown).toMatchObject({ status: 1, out: expect.stringContaining('There is no bot bot_abcdefghijklmnop') })
})
