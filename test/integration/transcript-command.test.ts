import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { generateEncryptionKey } from '../../src/platform/secrets/index.ts'
import { conversation, seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

describe('Commands about links to transcripts', () => {
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

  const run = (...args: string[]) => runCommand('create-transcript-token', ...args)
  async function runCommand(...args: string[]) {
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
    const status = await runCommandLine(args, output)
    return { status, out: out.join('\n'), notes: notes.join('\n') }
  }

  test('print a link that opens the transcript for an invited person', async () => {
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

  test('print what a program needs, with an end as asked', async () => {
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
  ])('refuse a link for %s', async (_, args, status, sentence) => {
    const answer = await run(...args.map((arg) => (arg === 'MEETING' ? meetingId : arg)))
    expect(answer).toMatchObject({ status, out: '' })
    expect(answer.notes).toContain(sentence)
  })

  test('take back those of a meeting, of a person, or all; a new one opens it again', async () => {
    const link = async (email: string) => (await run(meetingId, email)).out
    const read = async (url: string) => (await web.ask(new URL(url).pathname + new URL(url).search)).status
    for (const [which, ben, cleo] of [
      [[meetingId.toUpperCase()], 410, 410],
      [[meetingId, '--email', 'Ben@example.com'], 410, 200],
      [['--email', 'cleo@example.com'], 200, 410],
      [['--all'], 410, 410],
    ] as const) {
      const [bens, cleos] = [await link('ben@example.com'), await link('cleo@example.com')]
      expect([await read(bens), await read(cleos)]).toEqual([200, 200])
      const { status, out } = await runCommand('revoke-links', ...which, '--json')
      const { revokedAt } = JSON.parse(out)
      expect([status, await read(bens), await read(cleos)]).toEqual([0, ben, cleo])
      // A link made in the millisecond of the revocation is dead too.
      await vi.waitUntil(() => Date.now() > Date.parse(revokedAt))
    }
    expect((await runCommand('revoke-links', meetingId)).out).toBe(
      `The links of everybody to ${meetingId} open nothing any more.`,
    )
  })

  test.each([
    ['no links in particular', [], 2, 'Say which links'],
    ['all and some', ['MEETING', '--all'], 2, 'Say which links'],
    ['an unknown meeting', ['00000000-0000-4000-8000-000000000000'], 1, 'There is no meeting'],
    ['what is no address', ['--email', 'ben'], 1, 'not an e-mail address'],
  ])('refuse to take back %s', async (_, args, status, sentence) => {
    const answer = await runCommand('revoke-links', ...args.map((arg) => (arg === 'MEETING' ? meetingId : arg)))
    expect(answer).toMatchObject({ status, out: '' })
    expect(answer.notes).toContain(sentence)
  })
})
