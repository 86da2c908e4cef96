import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyOwnRules } from '../../src/entrypoints/cli/rules-file.ts'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { generateEncryptionKey } from '../../src/platform/secrets/index.ts'
import { createTestApp } from '../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { seedCalendar, seedEvents } from '../support/seed.ts'

const ana = 'ana@example.com'
const rules = (...list: object[]) => JSON.stringify({ rules: list })
const noPlanning = rules({ name: 'No planning', when: { title: ['planning'] }, decision: 'skip' })

describe('On the command line', () => {
  let database: TestDatabase
  let folder: string
  let own: string
  const key = generateEncryptionKey()

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-rules-'))
    own = path.join(folder, 'rules.json')
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(async () => {
    database = await createTestDatabase()
    const planner = { db: database.db, clock: createManualClock(new Date()) }
    const calendar = { id: await seedCalendar(planner.db, planner.clock, ana), owner: ana }
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const location = 'https://meet.google.com/abc-defg-hij'
    await seedEvents(planner, [calendar], [{ title: 'Planning', at: tomorrow, location }])
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await database[Symbol.asyncDispose]()
    await rm(own, { force: true })
  })

  async function run(...args: string[]) {
    const settings = {
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      CREDENTIALS_ENCRYPTION_KEY: key,
      TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
      ORG_DOMAINS: 'example.com',
      TIME_ZONE: 'Europe/Vienna',
    }
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
    const [out, notes]: [string[], string[]] = [[], []]
    const output = { print: (line: string) => void out.push(line), note: (line: string) => void notes.push(line) }
    const status = await runCommandLine(args, output)
    return { status, out: out.join('\n'), notes: notes.join('\n') }
  }
  const readMeeting = () => database.db.selectFrom('meeting').select(['decision', 'reason']).executeTakeFirstOrThrow()

  test('rules are checked, tried, applied and shown', async () => {
    await writeFile(own, `// Ours\n${noPlanning}`)
    expect(await run('rules', 'check')).toMatchObject({ status: 0, out: `${own} is fine: 1 rule.` })

    const tried = await run('rules', 'dry-run')
    expect(tried.out).toMatch(
      /Planning\n {2}now: {3}Would be attended: .*\n {2}then: {2}Not attended: the rule “No planning”/,
    )
    expect(tried.out).toContain('0 more attended, 1 fewer, 0 as before for another reason. Nothing was changed.')
    expect(await readMeeting()).toMatchObject({ reason: 'wanted' })

    expect((await run('rules', 'apply')).out).toBe('In force as version 1.\n1 coming meeting looked at, 1 changed.')
    expect(await readMeeting()).toEqual({ decision: 'skip', reason: 'rule' })
    expect((await run('rules', 'apply')).out).toContain('Already in force, as version 1.')
    expect(await run('rules', 'show')).toMatchObject({
      out: `// Ours\n${noPlanning}`,
      notes: expect.stringContaining('Version 1, by command line'),
    })
    expect((await run('rules', 'history')).out).toMatch(/^ {3}1 {2}.* by command line, from .*rules\.json$/)
  })

  test('programs get the same as JSON', async () => {
    await writeFile(own, noPlanning)
    expect(JSON.parse((await run('rules', 'dry-run', '--json')).out)).toMatchObject({
      days: 7,
      meetings: 1,
      less: 1,
      effects: [{ title: 'Planning', attendance: 'less' }],
    })
    expect(JSON.parse((await run('rules', 'apply', '--json')).out)).toMatchObject({ version: 1, isNew: true })
    await writeFile(own, rules({ name: 'X' }))
    const { status, out } = await run('rules', 'check', '--json')
    expect({ status, ...JSON.parse(out) }).toMatchObject({
      status: 1,
      valid: false,
      problems: [{ rule: 'X', field: 'decision', problem: 'is missing; write one of the two' }],
    })
  })

  test.each([
    [['rules'], 2, 'What to do (check, dry-run, apply, show, history) is missing.'],
    [['rules', 'edit'], 2, '"edit" is none of check'],
    [['rules', 'dry-run', '--days', '0'], 2, '--days 0 is no whole number from 1 to 28.'],
    [['rules', 'check', '/nowhere/rules.json'], 1, 'The rules in /nowhere/rules.json cannot be read'],
  ])('%j ends with status %i and says why', async (args, status, message) => {
    expect(await run(...args)).toMatchObject({ status, notes: expect.stringContaining(message) })
  })

  test('a file with mistakes changes nothing', async () => {
    await writeFile(own, rules({ name: 'X', decision: 'never' }))
    const { status, notes } = await run('rules', 'apply')
    expect({ status, notes }).toMatchObject({
      status: 1,
      notes: expect.stringContaining('Rule "X", decision: "never"'),
    })
    expect(await readMeeting()).toMatchObject({ reason: 'wanted' })
  })

  test('ensure-bots-exist says what it did, and what it would do', async () => {
    expect((await run('ensure-bots-exist')).out).toMatch(
      /^[01] meetings? of the coming 1 day looked at: 0 bots made, 0 moved/,
    )
    const { out } = await run('ensure-bots-exist', '--days', '3', '--dry-run', '--json')
    expect(JSON.parse(out)).toEqual({
      days: 3,
      dryRun: true,
      planned: 1,
      written: 0,
      bots: { made: 0, moved: 0, calledOff: 0 },
    })
  })
})

describe('At a start', () => {
  test('the file is put in force when it changed, and meetings planned before follow', async () => {
    await using world = await createTestApp()
    const { app, clock, dataDir } = world
    const calendar = { id: await seedCalendar(app.db, clock, ana), owner: ana }
    const event = { title: 'Planning', at: '2026-11-23T09:00:00Z', location: 'https://meet.google.com/abc-defg-hij' }
    await seedEvents({ db: app.db, clock }, [calendar], [event])
    const reason = async () => (await app.db.selectFrom('meeting').select('reason').executeTakeFirstOrThrow()).reason
    await applyOwnRules(app)
    expect(await reason()).toBe('wanted')
    await writeFile(path.join(dataDir, 'rules.json'), noPlanning)
    await applyOwnRules(app)
    expect(await reason()).toBe('rule')
    await applyOwnRules(app)
    expect(await app.db.selectFrom('ruleVersion').select('version').execute()).toEqual([{ version: 1 }])
  })

  test('a file that cannot be used stops a first start, and only warns where rules are in force', async () => {
    await using world = await createTestApp()
    const file = path.join(world.dataDir, 'rules.json')
    await writeFile(file, '{ "rules": [')
    await expect(applyOwnRules(world.app)).rejects.toMatchObject({ code: 'rules_invalid' })
    await writeFile(file, noPlanning)
    await applyOwnRules(world.app)
    await writeFile(file, '{ "rules": [')
    await applyOwnRules(world.app)
    expect(world.logs.text()).toContain('those in force stay')
  })

  test('a file that is named and not there stops the start', async () => {
    await using world = await createTestApp({ env: { RULES_FILE: '/nowhere/rules.json' } })
    await expect(applyOwnRules(world.app)).rejects.toMatchObject({ code: 'rules_file_unreadable' })
  })
})
