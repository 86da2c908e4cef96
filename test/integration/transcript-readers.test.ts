import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../src/base/ids.ts'
import { listAudit, notePossibleGroups, personOf, writeAccounts, writeGroup } from '../../src/features/people/index.ts'
import {
  createTranscriptToken,
  giveAccess,
  readMeetingPeople,
  revokeLinks,
  transcriptPath,
} from '../../src/features/transcripts/index.ts'
import { settleReadersOfEnded } from '../../src/features/transcripts/meeting-people.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { seedCalendar } from '../support/seed.ts'
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
    for (const table of ['accountAddress', 'account', 'groupMember', 'groupReading', 'audit', 'setting'] as const)
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
    web.clock.advance(1_000)
    await web.db.updateTable('meeting').set({ updatedAt: web.clock.now() }).where('id', '=', meetingId).execute()
    web.clock.advance(1_000)
  }
  /** As each minute. */
  const sweep = () => settleReadersOfEnded(web, 100)

  test('an address that changes hands reads nothing of before, by a link or a session, and its former holder reads on', async () => {
    await directory({ a: [ana], b: [ben] })
    const meetingId = await seed()
    const [link, session] = [tokenFor(ben, meetingId), await web.signIn({ email: ben, isAdmin: false })]
    expect(await byLink(meetingId, link)).toBe(200)
    await sweep()
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
    await sweep()
    await invite(meetingId, ben, 'benno@example.com')
    expect((await readMeetingPeople(web, meetingId)).map(({ email }) => email)).toEqual([
      ana,
      'benno@example.com',
      cleo,
      eve,
    ])
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
    await sweep()
    await invite(meetingId, ana, cleo, 'dan@example.com')
    expect(await newLink(meetingId, ben)).toBe(200)
    expect(await newLink(meetingId, 'dan@example.com')).toBe(200)
    await sweep()
    await invite(meetingId, ana)
    expect(await newLink(meetingId, 'dan@example.com')).toBe(200)
    await invite(meetingId, ana, ben)
    web.clock.advance(DAY_MS)
    await directory({ a: [ana], c: [ben] }, web.clock.now())
    expect(await newLink(meetingId, ben)).toBe(404)
  })

  test('an invitation that somebody else claims afterwards adds nobody', async () => {
    const meetingId = await seed()
    await sweep()
    const mallory = 'mallory@example.com'
    const calendarId = await seedCalendar(web.db, web.clock, mallory)
    const { uid } = await web.db
      .selectFrom('meeting')
      .select('uid')
      .where('id', '=', meetingId)
      .executeTakeFirstOrThrow()
    await web.db.updateTable('event').set({ calendarId, organizerEmail: mallory }).where('uid', '=', uid).execute()
    expect(await newLink(meetingId, mallory)).toBe(404)
    expect(await newLink(meetingId, ben)).toBe(200)
  })

  test('whoever joins an invited group, or gets an alias, after the end was not invited by that', async () => {
    await directory({ a: [ana], b: [ben, 'desk@example.com'], d: ['dan@example.com'] })
    const attendees = [ana, 'desk@example.com', 'team@example.com'].map((email) => {
      return { email, name: null, response: 'needs_action', kind: 'person' }
    })
    const group = (...members: string[]) =>
      inTransaction(web.db, async (trx) => {
        await notePossibleGroups(trx, ['team@example.com'], web.clock.now())
        await writeGroup(trx, 'team@example.com', { members }, web.clock.now())
      })
    await group(cleo)
    const meetingId = await seed({ attendees: attendees as never })
    expect(await newLink(meetingId, cleo)).toBe(200)
    await sweep()
    web.clock.advance(DAY_MS)
    await group(cleo, 'fay@example.com')
    await directory({ a: [ana], b: [ben], d: ['dan@example.com', 'desk@example.com'] })
    web.clock.advance(1)
    for (const email of ['fay@example.com', 'dan@example.com', 'desk@example.com']) {
      expect(await newLink(meetingId, email), email).toBe(404)
    }
    for (const email of [ana, ben, cleo]) expect(await newLink(meetingId, email), email).toBe(200)
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
    await sweep()
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

  describe('for somebody who was only in the room', () => {
    const [fay, gus] = ['fay@example.com', 'gus@example.com']
    /** Fay is there from 10 to 20 s and from 40 s on, Gus too, by a name alone. */
    async function seedWithFay(end: 'live' | 'finished') {
      await directory({ a: [ana], f: [fay], g: [gus] })
      const lines = [2, 12, 25, 45].map((at) => ({ by: 'Ana Lima', at, seconds: 2, text: `Said at ${at}.` }))
      const seeded = await seedTranscript(web, { at: beforeNow(60), title: 'Secret plan', lines, end })
      const { meetingId, botId } = seeded
      const persons = await personOf(web.db, [fay, gus])
      const { startedAt } = await web.db
        .selectFrom('recording')
        .select('startedAt')
        .where('meetingId', '=', meetingId)
        .executeTakeFirstOrThrow()
      const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000)
      for (const [address, email] of [
        [fay, fay],
        [gus, null],
      ] as const) {
        const id = newId()
        const who = { nativeId: `of ${address}`, name: address, email, person: persons.get(address) ?? null }
        const row = { id, meetingId, botId, ...who, joinedAt: at(10), leftAt: null }
        await web.db.insertInto('participant').values(row).execute()
        const stays = [
          { participantId: id, joinedAt: at(10), leftAt: at(20) },
          { participantId: id, joinedAt: at(40), leftAt: null },
        ]
        await web.db.insertInto('participantStay').values(stays).execute()
      }
      return seeded
    }
    const said = (body: string) => [...body.matchAll(/Said at (\d+)\./g)].map(([, at]) => Number(at))

    test('holds what was said while the platform vouched for them, without sound, title and people', async () => {
      const { meetingId } = await seedWithFay('finished')
      const session = await web.signIn({ email: fay, isAdmin: false })
      const page = await web.ask(transcriptPath(meetingId), { headers, session })
      expect(page.status).toBe(200)
      expect(said(page.body)).toEqual([12, 45])
      expect(page.body).toContain('You were not in the room for 20 s')
      expect(page.body).not.toMatch(/Secret plan|ben@example\.com|Cleo|<audio/)
      const text = await web.ask(`${transcriptPath(meetingId)}transcript.txt`, { headers, session })
      expect(said(text.body)).toEqual([12, 45])
      expect(text.body).not.toContain('Secret plan')
      expect((await web.ask(`${transcriptPath(meetingId)}audio`, { headers, session })).status).toBe(404)
    })

    test('is closed to somebody known by a name alone, and to whoever has the address later', async () => {
      const { meetingId } = await seedWithFay('finished')
      expect(await bySession(meetingId, await web.signIn({ email: gus, isAdmin: false }))).toBe(404)
      const early = await web.signIn({ email: fay, isAdmin: false })
      web.clock.advance(DAY_MS)
      await directory({ a: [ana], n: [fay] }, web.clock.now())
      expect(await bySession(meetingId, await web.signIn({ email: fay, isAdmin: false }))).toBe(404)
      expect(await bySession(meetingId, early)).toBe(200)
    })

    test('goes on live while they are there, beside those who read all of it', async () => {
      const { meetingId, say } = await seedWithFay('live')
      await using faysPage = await follow(meetingId, `session=${await web.signIn({ email: fay, isAdmin: false })}`)
      await using bensPage = await follow(meetingId, `transcript=${tokenFor(ben, meetingId)}`)
      await Promise.all([faysPage.until('Said at 45.'), bensPage.until('Said at 45.')])
      await say({ by: 'Ana Lima', at: 30, seconds: 2, text: 'Said at 30.' })
      await say({ by: 'Ana Lima', at: 50, seconds: 2, text: 'Said at 50.' })
      await Promise.all([faysPage.until('Said at 50.'), bensPage.until('Said at 50.')])
      expect(new Set(said(faysPage.seen()))).toEqual(new Set([12, 45, 50]))
      expect(said(bensPage.seen())).toContain(30)
    })

    async function follow(meetingId: string, cookie: string) {
      const controller = new AbortController()
      const answer = await fetch(`${web.origin}${transcriptPath(meetingId)}stream?after=0`, {
        headers: { cookie },
        signal: controller.signal,
      })
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
      let seen = ''
      return {
        seen: () => seen,
        async until(text: string) {
          while (!seen.includes(text)) {
            const { value, done } = (await reader?.read()) ?? { value: '', done: true }
            if (done) throw new Error(`The stream ended without ${text}: ${seen}`)
            seen += value
          }
        },
        [Symbol.asyncDispose]: async () => controller.abort(),
      }
    }
  })

  test('links of a person are taken back under each of their addresses', async () => {
    await directory({ a: [ana], b: ['benno@example.com', ben] })
    const meetingId = await seed()
    const link = tokenFor('benno@example.com', meetingId)
    await revokeLinks(web, { email: ben, by: 'admin@example.com' })
    expect(await byLink(meetingId, link)).toBe(410)
  })
})
