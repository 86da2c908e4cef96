import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listAudit, writeAccounts } from '../../src/features/people/index.ts'
import {
  createTranscriptToken,
  giveAccess,
  readMeetingPeople,
  revokeLinks,
  transcriptPath,
} from '../../src/features/transcripts/index.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { conversation, invitation, type SeedTranscript, seedTranscript } from '../support/seed-transcript.ts'
import { sharing, startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

const headers = { 'x-forwarded-for': '203.0.113.9' }
const DAY_MS = 86_400_000
const [ana, ben, cleo, eve] = ['ana@example.com', 'ben@example.com', 'cleo@example.com', 'eve@partner.example'] as const

describe('Who reads a meeting for good', () => {
  let web: TestWeb

  beforeAll(async () => {
    web = await startTestWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())
  beforeEach(async () => {
    for (const table of ['accountAddress', 'account', 'audit', 'setting'] as const)
      await web.db.deleteFrom(table).execute()
  })

  const seed = async (changes: SeedTranscript = {}) =>
    (await seedTranscript(web, { at: beforeNow(60), lines: conversation, ...changes })).meetingId
  const beforeNow = (minutes: number) => new Date(web.clock.now().getTime() - minutes * 60_000).toISOString()
  const tokenFor = (email: string, meetingId: string) =>
    createTranscriptToken(TOKEN_SECRET, { meetingId, email, now: web.clock.now() })
  const byLink = async (meetingId: string, token: string) =>
    (await web.ask(transcriptPath(meetingId, token), { headers })).status
  const newLink = (meetingId: string, email: string) => byLink(meetingId, tokenFor(email, meetingId))
  const bySession = async (meetingId: string, session: string) =>
    (await web.ask(transcriptPath(meetingId), { headers, session })).status
  /** The directory's people: the id of each account, its main address, its aliases. */
  const directory = (accounts: Record<string, readonly string[]>, createdAt = new Date('2026-01-01T00:00:00Z')) =>
    inTransaction(web.db, (trx) => {
      const list = Object.entries(accounts).map(([nativeId, [email = '', ...aliases]]) => {
        return { nativeId, email, aliases, fullName: null, status: 'active' as const, createdAt }
      })
      return writeAccounts(trx, { provider: 'google', accounts: list, isWhole: true }, web.clock.now())
    })
  const invite = async (meetingId: string, ...emails: string[]) => {
    const attendees = emails.map((email) => ({ email, name: null, response: 'needs_action', kind: 'person' }))
    const { uid } = await web.db
      .selectFrom('meeting')
      .select('uid')
      .where('id', '=', meetingId)
      .executeTakeFirstOrThrow()
    const changed = { attendees: JSON.stringify(attendees) }
    await web.db.updateTable('event').set(changed).where('uid', '=', uid).execute()
  }

  test('an address that changes hands reads nothing of before, by a link or a session, and its former holder reads on', async () => {
    await directory({ a: [ana], b: [ben] })
    const meetingId = await seed()
    const [link, session] = [tokenFor(ben, meetingId), await web.signIn({ email: ben, isAdmin: false })]
    expect(await byLink(meetingId, link)).toBe(200)
    web.clock.advance(DAY_MS)
    await directory({ a: [ana] })
    expect(await newLink(meetingId, ben)).toBe(404)
    await directory({ a: [ana], c: [ben] }, web.clock.now())
    web.clock.advance(DAY_MS)
    await web.db.deleteFrom('signInLink').execute()
    expect(await newLink(meetingId, ben)).toBe(404)
    expect(await bySession(meetingId, await web.signIn({ email: ben, isAdmin: false }))).toBe(404)
    expect(await byLink(meetingId, link)).toBe(200)
    expect(await bySession(meetingId, session)).toBe(200)
  })

  test('the same where nobody asked between the end and the change', async () => {
    await directory({ a: [ana], b: [ben] })
    const meetingId = await seed()
    web.clock.advance(DAY_MS)
    await directory({ a: [ana], c: [ben] }, web.clock.now())
    web.clock.advance(1)
    expect(await newLink(meetingId, ben)).toBe(404)
    expect(await newLink(meetingId, ana)).toBe(200)
  })

  test('an administrator’s old address is no administrator’s in other hands', async () => {
    await directory({ a: [ana], x: ['admin@example.com'] })
    const meetingId = await seed()
    const link = tokenFor('admin@example.com', meetingId)
    expect(await byLink(meetingId, link)).toBe(200)
    web.clock.advance(DAY_MS)
    await directory({ a: [ana], y: ['admin@example.com'] }, web.clock.now())
    expect(await byLink(meetingId, link)).toBe(404)
  })

  test('one account under several addresses is one reader, under each of them', async () => {
    await directory({ a: [ana], b: ['benno@example.com', ben] })
    const meetingId = await seed()
    expect(await newLink(meetingId, 'benno@example.com')).toBe(200)
    expect(await newLink(meetingId, ben)).toBe(200)
    await invite(meetingId, ben, 'benno@example.com')
    expect((await readMeetingPeople(web, meetingId)).map(({ email }) => email)).toEqual([ana, ben, cleo, eve])
  })

  test('turning a directory on changes nobody’s rights', async () => {
    const meetingId = await seed()
    const link = tokenFor(ben, meetingId)
    expect(await byLink(meetingId, link)).toBe(200)
    await directory({ a: [ana], b: [ben] })
    expect(await byLink(meetingId, link)).toBe(200)
    expect(await newLink(meetingId, ben)).toBe(200)
    expect(await newLink(meetingId, cleo)).toBe(200)
  })

  test('whoever was invited at the end stays; whom the organiser invites later comes on top, and is no later holder of an address', async () => {
    await directory({ a: [ana], b: [ben] })
    const meetingId = await seed()
    expect(await newLink(meetingId, ben)).toBe(200)
    await invite(meetingId, ana, cleo, 'dan@example.com')
    expect(await newLink(meetingId, ben)).toBe(200)
    expect(await newLink(meetingId, 'dan@example.com')).toBe(200)
    await invite(meetingId, ana)
    expect(await newLink(meetingId, 'dan@example.com')).toBe(200)
    await invite(meetingId, ana, ben)
    web.clock.advance(DAY_MS)
    await directory({ a: [ana], c: [ben] }, web.clock.now())
    expect(await newLink(meetingId, ben)).toBe(404)
  })

  test('access is given and taken by name, and both stand in the audit', async () => {
    await directory({ a: [ana], b: [ben] })
    const meetingId = await seed()
    const change = (email: string, takesBack: boolean, policy = sharing) =>
      giveAccess(web, { meetingId, email, takesBack, by: 'admin@example.com', from: 'the command line' }, policy)
    await change('fay@example.com', false)
    expect(await newLink(meetingId, 'fay@example.com')).toBe(200)
    await change('fay@example.com', true)
    expect(await newLink(meetingId, 'fay@example.com')).toBe(404)
    await change(ben, true)
    expect(await newLink(meetingId, ben)).toBe(404)
    await invite(meetingId, ...invitation.attendees.map(({ email }) => email))
    expect(await newLink(meetingId, ben)).toBe(404)
    await expect(change('kim@elsewhere.example', false)).rejects.toThrow('SHARE_WITH_EXTERNAL')
    await change('kim@elsewhere.example', false, { ...sharing, shareWithExternal: true })
    expect(await newLink(meetingId, 'kim@elsewhere.example')).toBe(404)
    expect((await listAudit(web.db, { limit: 9 })).map(({ action, detail }) => ({ action, detail }))).toMatchObject([
      { detail: { email: 'kim@elsewhere.example' } },
      { action: 'access_taken', detail: { email: ben } },
      { action: 'access_taken', detail: { email: 'fay@example.com' } },
      { action: 'access_given', detail: { email: 'fay@example.com' } },
    ])
  })

  test('links of a person are taken back under each of their addresses', async () => {
    await directory({ a: [ana], b: ['benno@example.com', ben] })
    const meetingId = await seed()
    const link = tokenFor('benno@example.com', meetingId)
    await inTransaction(web.db, (trx) => revokeLinks(trx, { email: ben, by: 'admin@example.com' }, web.clock.now()))
    expect(await byLink(meetingId, link)).toBe(410)
  })
})
