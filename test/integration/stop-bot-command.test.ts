import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createManualClock } from '../../src/base/clock.ts'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'
import { workerSecrets } from '../support/worker-process.ts'

const ana = 'ana@example.com'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-stop-'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function run(...args: string[]) {
  const settings = { ...workerSecrets, DATABASE_URL: database.url, DATA_DIR: folder, TIME_ZONE: 'Europe/Vienna' }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  const out: string[] = []
  const say = (line: string) => void out.push(line)
  return { status: await runCommandLine(args, { print: say, note: say }), out: out.join('\n') }
}

test('stop-bot keeps bots from a meeting, and with --undo it goes as planned again', async () => {
  const clock = createManualClock(new Date())
  const calendar = { id: await seedCalendar(database.db, clock, ana), owner: ana }
  const at = new Date(Date.now() + 86_400_000).toISOString()
  const planning = { title: 'Planning', at, location: 'https://meet.google.com/abc-defg-hij' }
  await seedEvents({ db: database.db, clock }, [calendar], [planning])
  const read = () => database.db.selectFrom('meeting').select(['id', 'decision', 'wish']).executeTakeFirstOrThrow()
  const { id } = await read()

  expect(await run('stop-bot', id)).toMatchObject({ status: 0, out: expect.stringContaining('No bot goes to this') })
  expect(await read()).toMatchObject({ decision: 'skip', wish: 'none' })
  const undone = await run('stop-bot', id, '--undo')
  expect(undone).toMatchObject({ status: 0, out: expect.stringContaining('As planned again. Would be attended') })
  expect(await read()).toMatchObject({ decision: 'no_runner', wish: null })

  const unknown = await run('stop-bot', 'bot_abcdefghijklmnop', '--undo')
  expect(unknown).toMatchObject({ status: 1, out: expect.stringContaining('There is no bot bot_abcdefghijklmnop') })
})
