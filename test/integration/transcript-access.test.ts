import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createTranscriptToken,
  mayReadTranscript,
  readMeetingPeople,
  revokeLinks,
  transcriptPath,
} from '../../src/features/transcripts/index.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { conversation, invitation, seedTranscript } from '../support/seed-transcript.ts'
import { sharing, startTestWeb, type TestWeb, TOKEN_SECRET } from '../support/web.ts'

// With this header a caller came through something, and is not taken for somebody on this machine.
const headers = { 'x-forwarded-for': '203.0.113.9' }
const files = ['', 'transcript.txt', 'transcript.vtt', 'stream', 'audio']

describe('Who may read a transcript', () => {
  let web: TestWeb
  let meetingId: string
  let otherId: string
  let privateId: string

  beforeAll(async () => {
    web = await startTestWeb()
    meetingId = (await seedTranscript(web, { lines: conversation })).meetingId
    otherId = (await seedTranscript(web, { title: 'Other', attendees: [], organizerEmail: 'fay@example.com' }))
      .meetingId
    privateId = (await seedTranscript(web, { title: 'Surgery', visibility: 'private', lines: conversation })).meetingId
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const tokenFor = (email: string, id = meetingId, days = 30) =>
    createTranscriptToken(TOKEN_SECRET, { meetingId: id, email, now: web.clock.now(), days })
  const open = (token: string | undefined, id = meetingId, session?: string) =>
    web.ask(transcriptPath(id, token), { headers, ...(session === undefined ? {} : { session }) })

  test.each([
    ['ana@example.com', 200],
    ['ben@example.com', 200],
    ['Cleo@Example.com', 200],
    ['admin@example.com', 200],
    ['eve@partner.example', 404],
    ['room-1@example.com', 404],
    ['fay@example.com', 404],
    ['stranger@elsewhere.example', 404],
  ])('by a link: %s gets %i', async (email, status) => {
    const answer = await open(tokenFor(email))
    expect(answer.status).toBe(status)
    expect(answer.body.includes('harbour')).toBe(status === 200)
  })

  test.each([
    ['ana@example.com', false, 200],
    ['ben@example.com', false, 200],
    ['eve@partner.example', false, 404],
    ['fay@example.com', false, 404],
    [null, false, 404],
    ['boss@elsewhere.example', true, 200],
    [null, true, 200],
  ])('by a session: %s (administrator: %s) gets %i', async (email, isAdmin, status) => {
    expect((await open(undefined, meetingId, await web.signIn({ email, isAdmin }))).status).toBe(status)
  })

  test('everything below the page asks the same', async () => {
    const [cookie, stranger] = [tokenFor('ben@example.com'), tokenFor('eve@partner.example')]
    for (const file of files) {
      const method = file === 'stream' ? 'HEAD' : 'GET'
      const ask = (token?: string) =>
        web.ask(`${transcriptPath(meetingId)}${file}`, {
          method,
          headers: { ...headers, ...(token ? { cookie: `transcript=${token}` } : {}) },
        })
      // There is no sound here, which only those learn who might hear it.
      expect((await ask(cookie)).status, file).toBe(file === 'audio' ? 404 : 200)
      expect((await ask(stranger)).status, file).toBe(404)
      expect((await ask()).status, file).toBe(401)
    }
  })

  test('a link is for its own meeting', async () => {
    expect((await open(tokenFor('ana@example.com', meetingId), otherId)).status).toBe(404)
    expect((await open(tokenFor('ana@example.com', otherId), meetingId)).status).toBe(404)
  })

  test('what is not yours looks like what is not there, and neither says anything', async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000'
    const answers = [
      await open(tokenFor('fay@example.com')),
      await open(tokenFor('fay@example.com', nowhere), nowhere),
      await open('rubbish'),
      await open('rubbish', nowhere),
      await open(`${tokenFor('ana@example.com').slice(0, -2)}AA`),
      await open(undefined, nowhere, await web.signIn({ email: null, isAdmin: true })),
    ]
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(404)
    const strangers = [await open(undefined), await open(undefined, nowhere)]
    expect(new Set(strangers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    for (const { body } of [...answers, ...strangers]) expect(body).not.toMatch(/Weekly planning|Ana|Ben|harbour/)
  })

  test('a link that has expired says so, and nothing else', async () => {
    await using later = await startTestWeb()
    const { meetingId: id } = await seedTranscript(later, { lines: conversation })
    const token = createTranscriptToken(TOKEN_SECRET, {
      meetingId: id,
      email: 'ben@example.com',
      now: later.clock.now(),
      days: 1,
    })
    expect((await later.ask(transcriptPath(id, token))).status).toBe(200)
    later.clock.advance(86_400_000)
    const answer = await later.ask(transcriptPath(id, token))
    expect(answer.status).toBe(410)
    expect(answer.body).toContain('Ask whoever sent it to you for a new one')
    expect(answer.body).not.toMatch(/Weekly planning|Ana|harbour/)
    // Whoever may read all the same, may.
    const session = await later.signIn({ email: 'ben@example.com', isAdmin: false })
    expect((await later.ask(transcriptPath(id, token), { session })).status).toBe(200)
  })

  test.each<[string, (id: string) => { meetingId?: string; email?: string }, ben: number, cleo: number]>([
    ['of the meeting', (id) => ({ meetingId: id }), 410, 410],
    ['of an address', () => ({ email: 'Ben@Example.com' }), 410, 200],
    ['of an address for the meeting', (id) => ({ meetingId: id, email: 'ben@example.com' }), 410, 200],
    ['of an address for another meeting', () => ({ meetingId: otherId, email: 'ben@example.com' }), 200, 200],
    ['of all', () => ({}), 410, 410],
  ])('links taken back: those %s', async (_, links, ben, cleo) => {
    const { meetingId: id } = await seedTranscript(web)
    const [bens, cleos] = [tokenFor('ben@example.com', id), tokenFor('cleo@example.com', id)]
    await revokeLinks(web, { ...links(id), by: 'admin@example.com' })
    expect((await open(bens, id)).status).toBe(ben)
    expect((await open(cleos, id)).status).toBe(cleo)
    web.clock.advance(1)
    expect((await open(tokenFor('ben@example.com', id), id)).status).toBe(200)
    await web.db.deleteFrom('linkRevocation').execute()
  })

  test('of the predecessor, without a moment of issue, can be taken back too', async () => {
    const payload = Buffer.from(
      JSON.stringify({ meetingId, email: 'ben@example.com', exp: web.clock.now().getTime() + 86_400_000 }),
    )
    const { createHmac } = await import('node:crypto')
    const token = `${payload.toString('base64url')}.${createHmac('sha256', TOKEN_SECRET).update(payload).digest('base64url')}`
    expect((await open(token)).status).toBe(200)
    const twoDaysAgo = createManualClock(new Date(web.clock.now().getTime() - 2 * 86_400_000))
    await revokeLinks({ db: web.db, clock: twoDaysAgo }, { meetingId, by: 'admin@example.com' })
    expect((await open(token)).status).toBe(410)
    await web.db.deleteFrom('linkRevocation').execute()
  })

  test('somebody who is taken off the invitation while it takes place reads no more', async () => {
    const { meetingId: id } = await seedTranscript(web, { lines: conversation, end: 'live', minutes: 120 })
    const token = tokenFor('ben@example.com', id)
    expect((await open(token, id)).status).toBe(200)
    const attendees = JSON.stringify(invitation.attendees.filter(({ email }) => email !== 'ben@example.com'))
    const { uid } = await web.db.selectFrom('meeting').select('uid').where('id', '=', id).executeTakeFirstOrThrow()
    await web.db.updateTable('event').set({ attendees }).where('uid', '=', uid).execute()
    expect((await open(token, id)).status).toBe(404)
  })

  test('a copy that was cancelled invites nobody, unless the whole meeting was', async () => {
    const { meetingId: id } = await seedTranscript(web)
    const { uid } = await web.db.selectFrom('meeting').select('uid').where('id', '=', id).executeTakeFirstOrThrow()
    await web.db.updateTable('event').set({ isCancelled: true }).where('uid', '=', uid).execute()
    expect((await readMeetingPeople(web, id)).map(({ email }) => email)).toEqual([
      'ana@example.com',
      'ben@example.com',
      'cleo@example.com',
      'eve@partner.example',
    ])
  })

  test('people outside the organisation read where that is allowed; without domains those with a calendar here belong to it', async () => {
    const may = (email: string, policy: Partial<typeof sharing>) =>
      mayReadTranscript(web, meetingId, { email, at: web.clock.now() }, { ...sharing, ...policy })
    expect(await may('eve@partner.example', { shareWithExternal: true })).toBe(true)
    expect(await may('stranger@elsewhere.example', { shareWithExternal: true })).toBe(false)
    expect(await may('ana@example.com', { orgDomains: [] })).toBe(true)
    expect(await may('ben@example.com', { orgDomains: [] })).toBe(false)
    expect(await may('ben@example.com', { orgDomains: ['sub.example.com', 'ample.com'] })).toBe(false)
  })

  test('a private title is for the people of the meeting; an administrator reads on without', async () => {
    const invited = await open(tokenFor('ben@example.com', privateId), privateId)
    expect(invited.body).toContain('Surgery')
    const admin = await web.signIn({ email: 'admin@example.com', isAdmin: true })
    for (const file of files.slice(0, 3)) {
      const answer = await web.ask(`${transcriptPath(privateId)}${file}`, { session: admin })
      expect(answer.status).toBe(200)
      expect(`${answer.body} ${answer.headers['content-disposition']}`).not.toContain('Surgery')
    }
  })

  test('the id that the hub knows the meeting by opens it as well', async () => {
    const hubId = '7c2d7b3e-0f2b-4a57-8f0e-2d6c1c2b7a11'
    await web.db.updateTable('meeting').set({ hubId }).where('id', '=', meetingId).execute()
    expect((await open(tokenFor('ben@example.com', hubId), hubId)).status).toBe(200)
    expect((await open(tokenFor('ben@example.com', meetingId), hubId)).status).toBe(200)
    expect((await open(tokenFor('ben@example.com', hubId), meetingId)).status).toBe(200)
  })
})

describe('A link', () => {
  test('is kept in a cookie for its own page, and opening it changes nothing on the server', async () => {
    await using web = await startTestWeb()
    const { meetingId } = await seedTranscript(web, { lines: conversation })
    const token = createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now: web.clock.now() })
    const state = async () =>
      JSON.stringify([
        await web.db.selectFrom('session').selectAll().execute(),
        await web.db.selectFrom('transcript').selectAll().execute(),
      ])
    const before = await state()
    const answer = await web.ask(transcriptPath(meetingId, token))
    expect(answer.headers['set-cookie']).toEqual([
      `transcript=${token}; Path=/dashboard/transcripts/${meetingId}; Expires=Wed, 23 Dec 2026 08:00:00 GMT; HttpOnly; SameSite=Lax`,
    ])
    expect(answer.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
    })
    expect(answer.body).not.toContain(token)
    expect(await state()).toBe(before)
    expect(
      (await web.ask(transcriptPath(meetingId), { headers: { cookie: `transcript=${token}` } })).headers['set-cookie'],
    ).toBeUndefined()
  })

  test('of the earlier addresses leads here with everything behind its question mark', async () => {
    await using web = await startTestWeb()
    const id = '0d0c7f6e-8f7c-4a37-9c55-5a3f5f4b2a10'
    const answer = await web.ask(`/transcripts/${id}?token=ab+c%3D.d&x=1`)
    expect(answer).toMatchObject({
      status: 302,
      headers: { location: `/dashboard/transcripts/${id}/?token=ab+c%3D.d&x=1` },
    })
    expect((await web.ask('/transcripts/1')).status).toBe(404)
  })

  test('under https is kept in a secure cookie', async () => {
    await using web = await startTestWeb({
      server: { siteUrl: new URL('https://meetings.example.com'), port: () => 0, trustedProxies: [], timeZone: 'UTC' },
    })
    const { meetingId } = await seedTranscript(web)
    const token = createTranscriptToken(TOKEN_SECRET, { meetingId, email: 'ben@example.com', now: web.clock.now() })
    const answer = await web.ask(transcriptPath(meetingId, token), { headers: { host: 'meetings.example.com' } })
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Secure-transcript=.*; Secure;/)
  })
})
