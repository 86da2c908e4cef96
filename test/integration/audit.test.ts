import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { openChannel, stopChannels, syncPeopleNow } from '../../src/features/calendars/index.ts'
import { askForBot, followPlan, refuseBot, switchAttendance, wantBot } from '../../src/features/meetings/index.ts'
import { listAudit, recordAudit } from '../../src/features/people/index.ts'
import { revokeLinks } from '../../src/features/transcripts/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { generateEncryptionKey } from '../../src/platform/secrets/index.ts'
import { createSignInLink } from '../../src/platform/sessions/index.ts'
import { createGoogleTestApp } from '../support/google-app.ts'
import { peopleAtGoogle } from '../support/providers.ts'
import { conversation, seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

const FEED = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example.com//test//EN
END:VCALENDAR
`

describe('What people change is written down', () => {
  let web: TestWeb
  let folder: string
  let meetingId: string
  const key = generateEncryptionKey()

  beforeAll(async () => {
    web = await startTestWeb()
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-audit-'))
    meetingId = (await seedTranscript(web, { lines: conversation })).meetingId
  })
  afterAll(async () => {
    await web[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    await web.db.deleteFrom('audit').execute()
    await web.db.deleteFrom('linkRevocation').execute()
  })
  afterEach(() => vi.unstubAllEnvs())

  async function run(...args: string[]) {
    const settings = {
      ...{
        DATABASE_URL: web.databaseUrl,
        DATA_DIR: folder,
        CREDENTIALS_ENCRYPTION_KEY: key,
        TIME_ZONE: 'Europe/Vienna',
      },
      ...{ TRANSCRIPT_TOKEN_SECRET: TOKEN_SECRET, ORG_DOMAINS: 'example.com', ADMIN_EMAILS: 'admin@example.com' },
    }
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
    const [out, notes]: [string[], string[]] = [[], []]
    const output = { print: (line: string) => void out.push(line), note: (line: string) => void notes.push(line) }
    const status = await runCommandLine(args, output)
    return { status, out: out.join('\n'), notes: notes.join('\n') }
  }
  const entries = async () => (await listAudit(web.db, { limit: 50 })).reverse()
  const actions = async () => (await entries()).map(({ action, by }) => `${by} ${action}`)

  test('by commands, each with what it changed', async () => {
    const file = path.join(folder, 'me.ics')
    await writeFile(file, FEED)
    const rules = path.join(folder, 'rules.json')
    await writeFile(rules, '{ "rules": [] }')
    await run('attendance', 'on')
    const added = await run('calendar', 'add', 'ics', file, '--owner', 'ana@example.com', '--json')
    const { id } = JSON.parse(added.out)
    await run('sync-calendar', id)
    await run('calendar', 'remove', id)
    await run('rules', 'apply', rules)
    await run('stop-bot', meetingId)
    await run('create-transcript-token', meetingId, 'ben@example.com')
    await run('revoke-links', meetingId, '--email', 'ben@example.com')
    await run('give-access', meetingId, 'fay@example.com')
    await run('give-access', meetingId, 'fay@example.com', '--take-back')
    await run('sign-in-link', '--email', 'ana@example.com')
    expect(await actions()).toEqual(
      [
        ...['attendance_switched', 'calendar_added', 'calendar_synced', 'calendar_removed', 'rules_applied'],
        ...['bot_stopped', 'link_made', 'links_revoked', 'access_given', 'access_taken', 'sign_in_link_made'],
      ].map((action) => `command line ${action}`),
    )
    expect((await entries()).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([id, meetingId, 'attendance', 'version 1', 'ana@example.com']),
    )
  })

  test('and is listed by a command, newest first, from a day on', async () => {
    const entry = { by: 'ana@example.com', action: 'attendance_switched', subject: 'attendance' } as const
    await inTransaction(web.db, async (trx) => {
      const at = (text: string) => new Date(text)
      await recordAudit(trx, { ...entry, at: at('2026-11-20T22:59:00Z'), detail: { mode: 'on' } })
      await recordAudit(trx, { ...entry, at: at('2026-11-20T23:00:00Z'), detail: { mode: 'off' }, from: '203.0.113.9' })
    })
    const all = await run('audit')
    expect(all.out.split('\n')).toHaveLength(2)
    expect(all.out.split('\n')[0]).toContain(
      'ana@example.com switched attendance: attendance, mode off  from 203.0.113.9',
    )
    const since = JSON.parse((await run('audit', '--since', '2026-11-21', '--json')).out)
    expect(since).toMatchObject([{ by: 'ana@example.com', action: 'attendance_switched', detail: { mode: 'off' } }])
    expect((await run('audit', '--limit', '1')).notes).toContain('--limit 10')
    expect(await run('audit', '--since', 'yesterday')).toMatchObject({ status: 2 })
  })

  test('on pages, with where the browser is', async () => {
    const token = await createSignInLink(web.db, web.clock, { email: 'ana@example.com', isAdmin: true })
    const form = { token }
    const headers = { origin: web.origin }
    expect((await web.ask('/dashboard/sign-in/', { method: 'POST', form, headers })).status).toBe(303)
    expect(await entries()).toMatchObject([
      { by: 'ana@example.com', action: 'signed_in', detail: { isAdmin: true }, from: '127.0.0.1' },
    ])
  })

  test('with the change or not at all', async () => {
    const revocations = () => web.db.selectFrom('linkRevocation').select('meetingId').execute()
    // Nobody's change cannot be written down.
    await expect(revokeLinks(web, { meetingId, by: null as unknown as string })).rejects.toThrow()
    expect([await entries(), await revocations()]).toEqual([[], []])
    await revokeLinks(web, { meetingId, by: 'ana@example.com' })
    expect(await revocations()).toEqual([{ meetingId }])
    expect(await actions()).toEqual(['ana@example.com links_revoked'])
  })
})

test('What people say about meetings and channels is written down, and what programs do is not', async () => {
  await using world = await createGoogleTestApp({
    people: [{ email: 'admin@example.com', isAdmin: true }, { email: 'ana@example.com' }],
  })
  const { app } = world
  const ana = { by: 'ana@example.com', from: '203.0.113.9' }
  await syncPeopleNow(peopleAtGoogle(app, { adminEmail: 'admin@example.com' }))
  const { id: calendarId } = await app.db
    .selectFrom('calendar')
    .select('id')
    .where('ownerEmail', '=', 'ana@example.com')
    .executeTakeFirstOrThrow()
  await openChannel(app.channels, { calendarId, address: world.noticeAddress })
  expect(await listAudit(app.db, { limit: 9 })).toEqual([])

  const deps = { ...app.reconcile, db: app.db }
  await switchAttendance(deps, { mode: 'on', ...ana })
  const room = { platform: 'google_meet', roomId: 'abc-defg-hij', url: 'https://meet.google.com/abc-defg-hij' }
  const { id: meetingId } = await askForBot(deps, { room, ...ana })
  await refuseBot(deps, { meetingId, ...ana })
  await wantBot(deps, { meetingId, ...ana })
  await expect(followPlan(deps, { meetingId, ...ana })).rejects.toThrow('nothing is planned')
  await openChannel(app.channels, { calendarId, address: world.noticeAddress, asked: ana })
  await stopChannels(app.channels, { calendarId, ...ana })
  const written = (await listAudit(app.db, { limit: 9 })).reverse()
  expect(written.map(({ action }) => action)).toEqual([
    ...['attendance_switched', 'bot_sent', 'bot_stopped', 'bot_sent', 'channels_set_up', 'channels_stopped'],
  ])
  expect(new Set(written.map(({ by, from }) => `${by} ${from}`))).toEqual(new Set(['ana@example.com 203.0.113.9']))
})
