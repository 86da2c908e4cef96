import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type SandboxGoogle, startSandboxGoogle } from '../../sandbox/google/start-google.ts'
import { systemClock } from '../../src/base/clock.ts'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const GROUP_SCOPE = 'https://www.googleapis.com/auth/admin.directory.group.member.readonly'
const DIRECTORY_SCOPE = 'https://www.googleapis.com/auth/admin.directory.user.readonly'
const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar.readonly'

/** The commands know the real time only, so that Google here does too. */
describe('The commands for Google', () => {
  let database: TestDatabase
  let google: SandboxGoogle
  let folder: string

  beforeAll(async () => {
    database = await createTestDatabase()
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-google-'))
    google = await startSandboxGoogle({
      clock: systemClock,
      people: [
        { email: 'admin@example.com', isAdmin: true },
        { email: 'ana@example.com' },
        { email: 'ben@example.com' },
      ],
      seed: (email) => [
        {
          id: 'weekly',
          summary: `Of ${email}`,
          start: soon(1),
          end: soon(1.5),
          location: 'https://meet.google.com/abc-defg-hij',
        },
      ],
    })
    google.push.transport.retryDelaysMs = []
  })
  afterAll(async () => {
    await google[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    for (const table of ['calendar', 'meeting', 'setting', 'providerAlarm'] as const)
      await database.db.deleteFrom(table).execute()
    for (const { id } of google.channels.live()) google.channels.drop(id)
  })
  afterEach(() => vi.unstubAllEnvs())

  async function run(args: string[], settings: Record<string, string> = {}) {
    const all = {
      ...{ DATABASE_URL: database.url, DATA_DIR: folder },
      CREDENTIALS_ENCRYPTION_KEY: 'correct-horse-battery-staple-32c',
      TRANSCRIPT_TOKEN_SECRET: 'a secret of this test',
      // Looked for, and not started.
      CHROMIUM_PATH: process.execPath,
      PILOT_USERS: 'ana@example.com,ben@example.com',
      GOOGLE_CALENDAR_WEBHOOK_URL: 'http://127.0.0.1:9/dashboard/webhook/google-calendar/',
      ...google.environment,
      ...settings,
    }
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value)
    const [out, notes]: [string[], string[]] = [[], []]
    const output = { print: (line: string) => void out.push(line), note: (line: string) => void notes.push(line) }
    const status = await runCommandLine(args, output)
    return { status, out: out.join('\n'), last: out.at(-1), notes: notes.join('\n') }
  }
  const calendars = () =>
    database.db
      .selectFrom('calendar')
      .select(['ownerEmail', 'state', 'deduplicationKey', 'lastSuccessAt'])
      .orderBy('ownerEmail')
      .execute()
  const live = () => google.channels.live().length

  test('setup-pilot-calendars says what it would do, does it, and then has nothing to do', async () => {
    const dry = await run(['setup-pilot-calendars', '--dry-run'])
    expect(dry).toMatchObject({ status: 0, last: 'Would be: 2 connected, 0 calendars as before.' })
    expect(dry.out).toContain('ana@example.com  would be connected')
    expect(await calendars()).toEqual([])
    const first = await run(['setup-pilot-calendars'])
    expect(first).toMatchObject({ status: 0, last: '2 connected, 0 calendars as before.' })
    expect(await calendars()).toMatchObject([
      { ownerEmail: 'ana@example.com', deduplicationKey: 'ana@example.com-google-sa', lastSuccessAt: null },
      { ownerEmail: 'ben@example.com', deduplicationKey: 'ben@example.com-google-sa', lastSuccessAt: null },
    ])
    expect(await run(['setup-pilot-calendars'])).toMatchObject({ status: 0, last: '2 calendars as before.' })
  })

  // Defect 23 of the predecessor: after setting up, "sync now" found no calendar.
  test('setup-pilot-calendars --sync reads each of them, and sync-calendar --all finds them', async () => {
    const { status, out } = await run(['setup-pilot-calendars', '--sync'])
    expect(status).toBe(0)
    expect(out).toMatch(/ana@example\.com .* 1 event written/)
    expect((await calendars()).every(({ lastSuccessAt }) => lastSuccessAt !== null)).toBe(true)
    const again = await run(['sync-calendar', '--all', '--json'])
    expect(JSON.parse(again.out)).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged' }])
  })

  test('setup-pilot-calendars with an administrator connects the whole domain, and brings back what was removed by hand', async () => {
    const env = { PILOT_USERS: '', GOOGLE_ADMIN_EMAIL: 'admin@example.com' }
    expect((await run(['setup-pilot-calendars'], env)).last).toBe('3 connected, 0 calendars as before.')
    const { id } = await database.db
      .selectFrom('calendar')
      .select('id')
      .where('ownerEmail', '=', 'ana@example.com')
      .executeTakeFirstOrThrow()
    await run(['calendar', 'remove', id], env)
    const { out, status } = await run(['setup-pilot-calendars', '--json'], env)
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ changes: [{ kind: 'resume', email: 'ana@example.com' }], unchanged: 2 })
  })

  test('setup-pilot-calendars says what is missing, and where Google refuses', async () => {
    const noKey = await run(['setup-pilot-calendars'], { GOOGLE_SERVICE_ACCOUNT_KEY: '' })
    expect(noKey).toMatchObject({ status: 1 })
    expect(noKey.notes).toContain('GOOGLE_SERVICE_ACCOUNT_KEY is not set')
    const nobody = await run(['setup-pilot-calendars'], { PILOT_USERS: '' })
    expect(nobody).toMatchObject({ status: 1 })
    expect(nobody.notes).toContain('PILOT_USERS')
    google.serviceAccount.trouble = 'deleted_client'
    google.tokens.revoke(() => true)
    const refused = await run(['setup-pilot-calendars'], { PILOT_USERS: '', GOOGLE_ADMIN_EMAIL: 'admin@example.com' })
    google.serviceAccount.trouble = null
    expect(refused).toMatchObject({ status: 1 })
    expect(refused.notes).toContain('service account was disabled or deleted')
  })

  test('manage-watch-channels opens, lists, stops and keeps stopped, one or all', async () => {
    await run(['setup-pilot-calendars'])
    expect(await run(['manage-watch-channels', '--setup-all', '--dry-run'])).toMatchObject({
      status: 0,
      last: 'Would be opened: 2, failed: 0.',
    })
    expect(live()).toBe(0)
    expect(await run(['manage-watch-channels', '--setup-all'])).toMatchObject({
      status: 0,
      last: 'opened: 2, failed: 0.',
    })
    expect(live()).toBe(2)
    expect((await run(['manage-watch-channels', '--setup-all'])).last).toBe('opened: 0, failed: 0.')
    expect((await run(['manage-watch-channels', '--renew-expiring'])).last).toBe('opened: 0, failed: 0.')
    const list = await run(['manage-watch-channels', '--list', '--json'])
    expect(JSON.parse(list.out)).toMatchObject([
      { ownerEmail: 'ana@example.com', channel: { address: expect.any(String) } },
      { ownerEmail: 'ben@example.com' },
    ])
    expect(list.out).not.toContain('secret')
    expect((await run(['manage-watch-channels', '--delete', 'Ana@example.com'])).last).toBe('stopped: 1, failed: 0.')
    expect(live()).toBe(1)
    expect((await run(['manage-watch-channels', '--list'])).out).toContain('ana@example.com  stopped by hand')
    expect(await run(['manage-watch-channels', '--stop', 'ana@example.com'])).toMatchObject({
      status: 0,
      last: 'stopped: 0, failed: 0.',
    })
    expect((await run(['manage-watch-channels', '--setup', 'ana@example.com'])).last).toBe('opened: 1, failed: 0.')
    expect((await run(['manage-watch-channels', '--stop-all'])).last).toBe('stopped: 2, failed: 0.')
    expect(live()).toBe(0)
    expect((await run(['manage-watch-channels', '--stop-all'])).last).toBe('stopped: 0, failed: 0.')
  })

  test('manage-watch-channels stops a calendar that has no channel yet, which then gets none', async () => {
    await run(['setup-pilot-calendars'])
    expect((await run(['manage-watch-channels', '--stop', 'ana@example.com'])).last).toBe('stopped: 1, failed: 0.')
    expect((await run(['manage-watch-channels', '--list'])).out).toContain('ana@example.com  stopped by hand')
  })

  test('manage-watch-channels renews where our address has changed, the new one first', async () => {
    await run(['setup-pilot-calendars'])
    await run(['manage-watch-channels', '--setup-all'])
    const env = { GOOGLE_CALENDAR_WEBHOOK_URL: 'http://127.0.0.1:10/webhook/google-calendar' }
    expect((await run(['manage-watch-channels', '--renew-expiring'], env)).last).toBe('opened: 2, failed: 0.')
    const states = await database.db
      .selectFrom('pushChannel')
      .select(['state', 'address'])
      .orderBy('createdAt')
      .execute()
    expect(states.filter(({ state }) => state === 'open').map(({ address }) => address)).toEqual([
      env.GOOGLE_CALENDAR_WEBHOOK_URL,
      env.GOOGLE_CALENDAR_WEBHOOK_URL,
    ])
  })

  test.each([
    [['manage-watch-channels'], 2, 'Say one of the things'],
    [['manage-watch-channels', '--list', '--stop-all'], 2, 'Say one of the things'],
    [['manage-watch-channels', '--setup', 'nobody'], 2, 'not an e-mail address'],
    [['manage-watch-channels', '--setup', 'zoe@example.com'], 1, 'no Google calendar of zoe@example.com'],
    [['manage-watch-channels', '--stop', 'zoe@example.com'], 1, 'no Google calendar of zoe@example.com'],
    [['setup-pilot-calendars', '--nope'], 2, 'nope'],
  ])('%j ends with %i and says why', async (args, status, sentence) => {
    const answer = await run(args)
    expect(answer.status).toBe(status)
    expect(answer.notes).toContain(sentence)
  })

  test('manage-watch-channels without a public address says how to get one', async () => {
    await run(['setup-pilot-calendars'])
    const answer = await run(['manage-watch-channels', '--setup-all'], { GOOGLE_CALENDAR_WEBHOOK_URL: '' })
    expect(answer).toMatchObject({ status: 1 })
    expect(answer.notes).toContain('SITE_URL')
  })

  describe('doctor', () => {
    const reports = async (env: Record<string, string> = {}) => {
      const { out } = await run(['doctor', '--json'], { GOOGLE_ADMIN_EMAIL: 'admin@example.com', ...env })
      const all = JSON.parse(out) as { name: string; outcome: string; message: string }[]
      return new Map(all.map((report) => [report.name, report]))
    }
    afterEach(() => {
      google.serviceAccount.trouble = null
      google.doubts.isDomainVerificationEnforced = false
      google.serviceAccount.authorizedScopes.add(DIRECTORY_SCOPE).add(CALENDAR_SCOPE).add(GROUP_SCOPE)
    })

    test('tries each scope with a named person, and leaves nothing behind', async () => {
      const found = await reports()
      expect(found.get('google')).toMatchObject({
        outcome: 'ok',
        message: 'The calendar of ana@example.com can be read.',
      })
      expect(found.get('directory')).toMatchObject({ outcome: 'ok' })
      expect(found.get('notices')).toMatchObject({ outcome: 'ok' })
      expect(live()).toBe(0)
    })

    test('prints what to paste into the Admin console when a scope is missing', async () => {
      google.serviceAccount.authorizedScopes.delete(DIRECTORY_SCOPE)
      const found = await reports()
      expect(found.get('google')).toMatchObject({ outcome: 'ok' })
      expect(found.has('groups')).toBe(false)
      const directory = found.get('directory')
      expect(directory?.outcome).toBe('failed')
      expect(directory?.message).toContain(`client id is ${google.serviceAccount.key.client_id}`)
      expect(directory?.message).toContain(`scopes are ${CALENDAR_SCOPE},${DIRECTORY_SCOPE},${GROUP_SCOPE}`)
    })

    test('names the scope for groups, without which the rest goes on', async () => {
      google.serviceAccount.authorizedScopes.delete(GROUP_SCOPE)
      const found = await reports()
      expect(found.get('directory')).toMatchObject({ outcome: 'ok' })
      expect(found.get('groups')?.outcome).toBe('warning')
      expect(found.get('groups')?.message).toContain(`the scope for it is ${GROUP_SCOPE}`)
    })

    test.each([
      ['not_authorized', 'Admin console'],
      ['not_authorized_by_number', 'Domain-wide delegation'],
      ['scope_denied', 'Domain-wide delegation'],
      ['policy', 'policy in the Admin console'],
      ['deleted_client', 'disabled or deleted'],
    ] as const)('has a sentence for %s', async (trouble, sentence) => {
      google.serviceAccount.trouble = trouble
      const google_ = (await reports()).get('google')
      expect(google_?.outcome).toBe('failed')
      expect(google_?.message).toContain(sentence)
    })

    test('knows a deleted key, an unknown person and a directory that is not for this administrator', async () => {
      const key = { ...google.serviceAccount.key, private_key_id: 'deleted' }
      expect((await reports({ GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(key) })).get('google')?.message).toContain(
        'deleted or disabled',
      )
      expect((await reports({ PILOT_USERS: 'zoe@example.com' })).get('google')?.message).toContain('no such person')
      expect((await reports({ GOOGLE_ADMIN_EMAIL: 'ana@example.com' })).get('directory')?.outcome).toBe('failed')
    })

    test('says how to verify the domain when Google refuses to send notices, and that there is no address', async () => {
      google.doubts.isDomainVerificationEnforced = true
      expect((await reports()).get('notices')?.message).toContain('Search Console')
      expect((await reports({ GOOGLE_CALENDAR_WEBHOOK_URL: '' })).get('notices')?.message).toContain('SITE_URL')
    })

    test('says nothing of Google where it is not set up', async () => {
      const found = await reports({ GOOGLE_SERVICE_ACCOUNT_KEY: '', GOOGLE_ADMIN_EMAIL: '' })
      expect(found.get('google')).toBeUndefined()
      expect(found.get('notices')).toBeUndefined()
    })
  })
})

function soon(hours: number): { dateTime: string } {
  return { dateTime: new Date(Date.now() + hours * 3_600_000).toISOString() }
}
