import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { DAY_MS } from '../../src/base/time.ts'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { createTranscriptToken, transcriptPath } from '../../src/features/transcripts/index.ts'
import { parseEncryptionKey } from '../../src/platform/secrets/encryption.ts'
import {
  encryptToken,
  generateEncryptionKey,
  type LinkSecrets,
  loadInstallationSecrets,
  requireSameSecrets,
} from '../../src/platform/secrets/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seedCalendar } from '../support/seed.ts'
import { conversation, seedTranscript } from '../support/seed-transcript.ts'
import { NOW, startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

const key = generateEncryptionKey()
const strong = 'sixteen bytes or more'
const short = 'predecessor'

describe('On the command line', () => {
  let database: TestDatabase
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-secrets-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await database[Symbol.asyncDispose]()
  })

  async function run(args: string, secrets: Record<string, string>) {
    vi.unstubAllEnvs()
    const settings = {
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      CHROMIUM_PATH: '/bin/true',
      ORG_DOMAINS: 'example.com',
      ...secrets,
    }
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
    const [out, notes]: [string[], string[]] = [[], []]
    const output = { print: (line: string) => void out.push(line), note: (line: string) => void notes.push(line) }
    const status = await runCommandLine(args.split(' '), output)
    return { status, said: [...out, ...notes].join('\n') }
  }
  const start = (
    CREDENTIALS_ENCRYPTION_KEY: string,
    rest: Record<string, string> = { TRANSCRIPT_TOKEN_SECRET: strong },
  ) => run('calendar list', { CREDENTIALS_ENCRYPTION_KEY, ...rest })
  const replace = (name: string, secrets: Record<string, string> = {}) =>
    run(`replace-fingerprint ${name}`, {
      CREDENTIALS_ENCRYPTION_KEY: key,
      TRANSCRIPT_TOKEN_SECRET: strong,
      ...secrets,
    })
  const fingerprints = () => database.db.selectFrom('secretFingerprint').select('name').execute()

  async function connectWith(encryptionKey: string, owner: string) {
    const id = await seedCalendar(database.db, { now: () => NOW }, owner)
    const credential = encryptToken(parseEncryptionKey(encryptionKey), 'https://example.com/secret.ics')
    await database.db.updateTable('calendar').set({ credential }).where('id', '=', id).execute()
  }

  test('a key that cannot be used leaves no trace, whoever looks at it first', async () => {
    for (const command of ['calendar list', 'doctor', 'sign-in-link']) {
      const wrong = await run(command, { CREDENTIALS_ENCRYPTION_KEY: 'too short', TRANSCRIPT_TOKEN_SECRET: strong })
      expect(wrong.status, command).toBe(1)
      expect(wrong.said).toContain('CREDENTIALS_ENCRYPTION_KEY')
      expect(await fingerprints(), command).toEqual([])
    }
    expect((await start(key)).status).toBe(0)
    expect(await fingerprints()).toHaveLength(2)
  })

  test('where one secret is refused nothing is kept of the other', async () => {
    expect((await start(key, { TRANSCRIPT_TOKEN_SECRET: 'x' })).said).toContain('has 1 byte, and 16 are the least')
    expect(await fingerprints()).toEqual([])
    await database.db
      .insertInto('secretFingerprint')
      .values({ name: 'TRANSCRIPT_TOKEN_SECRET', fingerprint: '0' })
      .execute()
    expect((await start(key)).said).toContain('TRANSCRIPT_TOKEN_SECRET is not the one')
    expect(await fingerprints()).toHaveLength(1)
  })

  test('the doctor keeps no fingerprint: it only looks', async () => {
    await run('doctor', { CREDENTIALS_ENCRYPTION_KEY: key, TRANSCRIPT_TOKEN_SECRET: strong })
    expect(await fingerprints()).toEqual([])
  })

  test('a fingerprint that nothing depends on is replaced, and one that opens everything', async () => {
    const another = generateEncryptionKey()
    expect((await start(another)).status).toBe(0)
    expect((await start(key)).said).toContain('replace-fingerprint CREDENTIALS_ENCRYPTION_KEY')
    expect(await replace('CREDENTIALS_ENCRYPTION_KEY')).toMatchObject({
      status: 0,
      said: 'No credential is stored. The database now knows the CREDENTIALS_ENCRYPTION_KEY that is set.',
    })
    expect((await start(key)).status).toBe(0)

    await connectWith(another, 'ana@example.com')
    const back = await replace('CREDENTIALS_ENCRYPTION_KEY', { CREDENTIALS_ENCRYPTION_KEY: another })
    expect(back.said).toContain('The key opens 1 stored credential, all there are.')
    expect((await replace('CREDENTIALS_ENCRYPTION_KEY', { CREDENTIALS_ENCRYPTION_KEY: another })).said).toContain(
      'nothing to replace',
    )
  })

  test('while a stored credential needs the forgotten key nothing is replaced, unless it is given up', async () => {
    const forgotten = generateEncryptionKey()
    await start(forgotten)
    await connectWith(forgotten, 'ana@example.com')
    await connectWith(key, 'ben@example.com')
    const refused = await replace('CREDENTIALS_ENCRYPTION_KEY')
    expect(refused.status).toBe(1)
    expect(refused.said).toContain('does not open 1 of 2 stored credentials, such as that of ana@example.com')
    expect((await replace('CREDENTIALS_ENCRYPTION_KEY --abandon --dry-run')).said).toContain('nothing was changed')
    expect((await start(key)).status).toBe(1)
    expect((await replace('CREDENTIALS_ENCRYPTION_KEY --abandon')).status).toBe(0)
    const entry = await database.db.selectFrom('audit').select(['action', 'subject', 'detail']).executeTakeFirst()
    expect(entry).toMatchObject({ action: 'fingerprint_replaced', subject: 'CREDENTIALS_ENCRYPTION_KEY' })
    expect(entry?.detail).toMatchObject({ abandoned: true })
    expect((await start(key)).status).toBe(0)
  })

  test('no fingerprint is replaced under a worker that runs', async () => {
    await start(generateEncryptionKey())
    const now = new Date()
    const worker = {
      id: 'w',
      startedAt: now,
      seenAt: now,
      capacity: 1,
      seats: 0,
      runners: ['browser'],
      isDraining: false,
    }
    await database.db.insertInto('worker').values(worker).execute()
    expect((await replace('CREDENTIALS_ENCRYPTION_KEY')).said).toContain('Stop all of its processes')
    await database.db.deleteFrom('worker').execute()
    expect((await replace('CREDENTIALS_ENCRYPTION_KEY')).status).toBe(0)
  })

  test('the secret of links is replaced where no link can open anything, or where its links may end', async () => {
    await start(key, { TRANSCRIPT_TOKEN_SECRET: 'the forgotten secret' })
    expect((await replace('TRANSCRIPT_TOKEN_SECRET')).said).toContain('There is no transcript')
    await start(key)
    await seedTranscript({ db: database.db, clock: { now: () => NOW } }, { lines: conversation })
    const other = { TRANSCRIPT_TOKEN_SECRET: 'yet another secret' }
    expect((await replace('TRANSCRIPT_TOKEN_SECRET', other)).said).toContain('may be in people’s hands')
    expect((await replace('TRANSCRIPT_TOKEN_SECRET --abandon', other)).status).toBe(0)
    expect((await start(key, other)).status).toBe(0)
    expect(await replace('METRICS_TOKEN')).toMatchObject({ status: 2 })
  })

  test.each([
    ['one byte', 'x', 'has 1 byte'],
    ['fifteen', 'fifteen bytes..', 'has 15 bytes'],
    ['one character, however often', 'a'.repeat(40), 'is one character repeated'],
  ])('a new secret of %s is refused, with what to do', async (_, secret, said) => {
    const refused = await start(key, { TRANSCRIPT_TOKEN_SECRET: secret })
    expect(refused.status).toBe(1)
    for (const part of [said, 'generate-key', 'WEBHOOK_SECRET']) expect(refused.said).toContain(part)
    expect(refused.said).not.toContain(secret.length > 2 ? secret : 'nothing')
  })

  test.each([
    ['its own variable', { WEBHOOK_SECRET: short }, 'WEBHOOK_SECRET'],
    ['ours', { TRANSCRIPT_TOKEN_SECRET: short, WEBHOOK_SECRET: 'of its webhooks' }, 'TRANSCRIPT_TOKEN_SECRET'],
  ])('a predecessor’s short secret in %s starts, and the doctor warns', async (_, secrets, name) => {
    expect((await start(key, secrets)).status).toBe(0)
    const doctor = await run('doctor', { CREDENTIALS_ENCRYPTION_KEY: key, ...secrets })
    expect(doctor.said).toMatch(new RegExp(`warn +secrets +${name} has 11 bytes`))
    await database.db
      .updateTable('secretFingerprint')
      .set({ weakSince: new Date(Date.now() - 31 * DAY_MS) })
      .execute()
    expect((await run('doctor', { CREDENTIALS_ENCRYPTION_KEY: key, ...secrets })).said).toMatch(/ok +secrets/)
    await seedTranscript({ db: database.db, clock: { now: () => NOW } }, { lines: conversation })
    expect((await replace('TRANSCRIPT_TOKEN_SECRET')).said).toContain('have expired')
  })

  test('one that the database knows already starts, and counts as weak from then on', async () => {
    await start(key, { WEBHOOK_SECRET: short })
    await database.db.updateTable('secretFingerprint').set({ weakSince: null }).execute()
    expect((await start(key, { TRANSCRIPT_TOKEN_SECRET: short })).status).toBe(0)
    const { weakSince } = await database.db
      .selectFrom('secretFingerprint')
      .select('weakSince')
      .where('name', '=', 'TRANSCRIPT_TOKEN_SECRET')
      .executeTakeFirstOrThrow()
    expect(weakSince).not.toBeNull()
    const again = await requireSameSecrets(database.db, secretsOf({ webhookSecret: short }), new Date())
    expect(again.weak?.since).toEqual(weakSince)
  })
})

function secretsOf(given: { transcriptTokenSecret?: string; webhookSecret?: string }) {
  return loadInstallationSecrets({
    given: { credentialsEncryptionKey: key, transcriptTokenSecret: undefined, webhookSecret: undefined, ...given },
    generatedIn: undefined,
  })
}

describe('Links of a predecessor whose secret is weak', () => {
  let web: TestWeb
  let links: LinkSecrets
  let earlier: string
  let later: string

  beforeAll(async () => {
    await using database = await createTestDatabase()
    links = await requireSameSecrets(database.db, secretsOf({ webhookSecret: short }), NOW)
    web = await startTestWeb({ links })
    earlier = (await seedTranscript(web, { lines: conversation, at: '2026-11-20T09:00:00Z' })).meetingId
    later = (await seedTranscript(web, { lines: conversation, at: '2026-11-24T09:00:00Z' })).meetingId
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const open = async (secret: string, meetingId: string, days = 30) =>
    (
      await web.ask(
        transcriptPath(
          meetingId,
          createTranscriptToken(secret, { meetingId, email: 'ben@example.com', now: NOW, days }),
        ),
      )
    ).status

  test('open meetings of before, and none since, whatever they say of themselves', async () => {
    web.clock.set(NOW)
    expect(await open(short, earlier)).toBe(200)
    expect(await open(short, later)).toBe(404)
    expect(await open(TOKEN_SECRET, earlier)).toBe(404)
  })

  test('end after the 30 days that a link lasts', async () => {
    web.clock.set(new Date(NOW.getTime() + 30 * DAY_MS - 1))
    expect(await open(short, earlier, 365)).toBe(200)
    web.clock.advance(1)
    expect(await open(short, earlier, 365)).toBe(410)
  })

  test('stand beside new ones that another secret signs, which go on when a strong one is set', async () => {
    web.clock.set(NOW)
    expect(links.signing).not.toBe(short)
    expect(await open(links.signing, later)).toBe(200)
    await using database = await createTestDatabase()
    const strongNow = await requireSameSecrets(database.db, secretsOf({ transcriptTokenSecret: strong }), NOW)
    expect(strongNow.signing).toBe(strong)
    expect(strongNow.opening).toContain(links.signing)
  })

  test('are warned of on the pages until they have expired', async () => {
    const session = await web.signIn({ email: null, isAdmin: true })
    web.clock.set(NOW)
    expect((await web.ask('/dashboard/', { session })).body).toContain('A secret can be guessed')
    const problems = (await web.ask('/dashboard/problems/', { session })).body
    expect(problems).toContain('WEBHOOK_SECRET has 11 bytes, and 16 are the least')
    expect(problems).not.toContain('Nothing needs you')
    web.clock.advance(30 * DAY_MS)
    const rest = await web.signIn({ email: null, isAdmin: true })
    expect((await web.ask('/dashboard/problems/', { session: rest })).body).not.toContain('WEBHOOK_SECRET')
  })
})
