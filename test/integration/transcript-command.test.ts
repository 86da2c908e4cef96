import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { generateEncryptionKey } from '../../src/platform/secrets/index.ts'
import { conversation, seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

describe('create-transcript-token', () => {
  let web: TestWeb
  let folder: string
  let meetingId: string
  const key = generateEncryptionKey()

  beforeAll(async () => {
    web = await startTestWeb()
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-token-'))
    meetingId = (await seedTranscript(web, { lines: conversation })).meetingId
    // The command knows the real time only.
    web.clock.set(new Date())
  })
  afterAll(async () => {
    await web[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  afterEach(() => vi.unstubAllEnvs())

  async function run(...args: string[]) {
    const settings = {
      DATABASE_URL: web.databaseUrl,
      DATA_DIR: folder,
      CREDENTIALS_ENCRYPTION_KEY: key,
      TRANSCRIPT_TOKEN_SECRET: TOKEN_SECRET,
      ORG_DOMAINS: 'example.com',
      ADMIN_EMAILS: 'admin@example.com',
    }
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
    const [out, notes]: [string[], string[]] = [[], []]
    const output = { print: (line: string) => void out.push(line), note: (line: string) => void notes.push(line) }
    const status = await runCommandLine(['create-transcript-token', ...args], output)
    return { status, out: out.join('\n'), notes: notes.join('\n') }
  }

  test('prints a link that opens the transcript for an invited person', async () => {
    const { status, out } = await run(meetingId.toUpperCase(), 'Ben@example.com')
    expect(status).toBe(0)
    expect(out).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:8000/dashboard/transcripts/${meetingId}/\\?token=[\\w.-]+$`),
    )
    const { pathname, search } = new URL(out)
    const answer = await web.ask(pathname + search)
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('harbour')
  })

  test('prints what a program needs, with an end as asked', async () => {
    const { out } = await run(meetingId, 'admin@example.com', '--days', '2', '--json')
    const answer = JSON.parse(out)
    expect(answer).toMatchObject({ meetingId, email: 'admin@example.com', url: expect.stringContaining(meetingId) })
    const days = (Date.parse(answer.expiresAt) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(2)
  })

  test.each([
    ['an unknown meeting', ['00000000-0000-4000-8000-000000000000', 'ben@example.com'], 1, 'There is no meeting'],
    ['what is no id', ['1', 'ben@example.com'], 1, 'There is no meeting'],
    ['a stranger', ['MEETING', 'stranger@example.com'], 1, 'was not invited'],
    ['somebody from outside', ['MEETING', 'eve@partner.example'], 1, 'SHARE_WITH_EXTERNAL'],
    ['what is no address', ['MEETING', 'ben'], 1, 'not an e-mail address'],
    ['no address', ['MEETING'], 2, 'is missing'],
    ['no number of days', ['MEETING', 'ben@example.com', '--days', 'many'], 2, 'not a number of days'],
    ['no time at all', ['MEETING', 'ben@example.com', '--days', '0'], 2, 'not a number of days'],
  ])('refuses %s', async (_, args, status, sentence) => {
    const answer = await run(...args.map((arg) => (arg === 'MEETING' ? meetingId : arg)))
    expect(answer).toMatchObject({ status, out: '' })
    expect(answer.notes).toContain(sentence)
  })
})
