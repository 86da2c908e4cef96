import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assets } from '../../src/entrypoints/web/assets.ts'
import { transcriptPath } from '../../src/features/transcripts/index.ts'
import {
  conversation,
  longConversation,
  makeTone,
  type SeedTranscript,
  seedTranscript,
} from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

const unsafe = /\u202e|(?!\n)\p{Cc}/u
const tone = makeTone(2)
const audio = {
  open: async () => ({
    sizeBytes: tone.length,
    contentType: 'audio/wav',
    etag: '"one"',
    alsoOf: [],
    read: ({ start, end }: { start: number; end?: number }) =>
      (async function* () {
        yield tone.subarray(start, end)
      })(),
  }),
}

describe('The page of a transcript', () => {
  let web: TestWeb
  let session: string

  beforeAll(async () => {
    web = await startTestWeb({ audio })
    session = await web.signIn({ email: 'ben@example.com', isAdmin: false })
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const read = async (id: string, file = '') => (await web.ask(`${transcriptPath(id)}${file}`, { session })).body
  const show = async (seed: SeedTranscript) => read((await seedTranscript(web, seed)).meetingId)
  const heading = (body: string) => /<h2>(.*?)<\/h2>/.exec(body)?.[1]

  test('says which meeting it was, who was there, and who can read it until when', async () => {
    const body = await show({ lines: conversation, lateSeconds: 240, durationSeconds: 300 })
    const text = body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    expect(text).toContain('Monday, 23 November 2026, 08:00–08:30 (Europe/Vienna)')
    expect(text).toContain('5 min recorded')
    expect(text).toContain('3 of the 4 people invited can read this')
    expect(text).toContain('The recording starts 4 min after the meeting.')
    expect(text).toContain('3 min without speech')
    expect(text).toContain('[unclear] Then we say fifty')
    expect(text).toContain('[12 s of speech could not be transcribed]')
    expect(text).toContain('[8 s in French, not transcribed]')
    expect(text).toContain('Unknown speaker')
    expect(body).toContain('lang="he"')
  })

  test.each<[string, SeedTranscript, string]>([
    ['before it', { end: null, at: '2026-11-23T10:00:00Z' }, 'No bot is planned'],
    ['at its start', { end: 'live', at: '2026-11-23T08:00:00Z' }, 'Nobody has spoken yet'],
    ['after nobody spoke', {}, 'Nobody spoke'],
    ['after nothing was recorded', { hasAudio: false }, 'There is no transcript'],
    [
      'after nothing could be transcribed',
      { lines: [{ by: 'Ana Lima', at: 1, result: { state: 'failed' } }] },
      'The speech could not be transcribed',
    ],
    ['after no bot came', { end: null }, 'There is no transcript'],
  ])('%s says so', async (_, seed, title) => {
    expect(heading(await show(seed)) ?? '').toBe(title)
  })

  test('tells planned, waiting, refused and erased meetings apart', async () => {
    await web.db.insertInto('setting').values({ key: 'attendance', value: '{"mode":"on"}' }).execute()
    expect(heading(await show({ end: null, at: '2026-11-23T10:00:00Z' }))).toBe('The meeting has not begun')
    expect(heading(await show({ end: null, at: '2026-11-23T07:50:00Z' }))).toBe('The bot is on its way')
    const { meetingId } = await seedTranscript(web, { end: 'live', at: '2026-11-23T07:55:00Z' })
    await web.db.deleteFrom('transcript').where('meetingId', '=', meetingId).execute()
    await web.db.updateTable('bot').set({ state: 'waiting_room' }).where('meetingId', '=', meetingId).execute()
    expect(heading(await read(meetingId))).toBe('Waiting to be let in')
    await web.db.updateTable('bot').set({ state: 'fatal_error' }).where('meetingId', '=', meetingId).execute()
    expect(await read(meetingId)).toContain('The bot could not get into this meeting.')
    const erased = await seedTranscript(web, { lines: conversation })
    await web.db.deleteFrom('utterance').where('meetingId', '=', erased.meetingId).execute()
    expect(heading(await read(erased.meetingId))).toBe('This transcript was erased')
  })

  test('shows what is there while the rest is being prepared', async () => {
    const seeded = await seedTranscript(web, {
      lines: [...conversation, { by: 'Ben Levi', at: 300, isPending: true }],
      end: 'live',
    })
    await seeded.end()
    const body = await read(seeded.meetingId)
    expect(body).toContain('Being prepared')
    expect(body).toContain('harbour')
    expect(body).toContain('still being written')
  })

  test('lets no name and no text out of its place', async () => {
    const hostile = '</li><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x'
    const seeded = await seedTranscript(web, {
      title: hostile,
      organizerName: hostile,
      lines: [
        { by: hostile, at: 0, text: hostile },
        { by: '\u202eevil\u0001\nname', at: 5, text: 'a\u202eb\u0007c\nNOTE --> x' },
      ],
    })
    const body = await read(seeded.meetingId)
    expect(body.match(/<script/g)).toHaveLength(1)
    expect(body).not.toContain('<img')
    expect(body).not.toMatch(unsafe)
    const vtt = await read(seeded.meetingId, 'transcript.vtt')
    expect(vtt.slice(vtt.indexOf(' --> '))).not.toContain('<script')
    expect(vtt.match(/-->/g)?.length).toBe(vtt.match(/^[\d:.]+ --> [\d:.]+$/gm)?.length)
    const file = await web.ask(`${transcriptPath(seeded.meetingId)}transcript.txt`, { session })
    expect(file.headers['content-disposition']).toMatch(
      /^attachment; filename="transcript\.txt"; filename\*=UTF-8''[\w%.-]+\.txt$/,
    )
    expect(file.body).not.toMatch(unsafe)
  })

  test('is read as text and as subtitles with a name that says what it is', async () => {
    const { meetingId } = await seedTranscript(web, { lines: conversation, title: 'Planung: Käse' })
    const file = await web.ask(`${transcriptPath(meetingId)}transcript.txt`, { session })
    expect(file.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="transcript.txt"; filename*=UTF-8''2026-11-23%20Planung%20K%C3%A4se.txt`,
    })
    expect(file.body).toContain('[0:00:12] Ben Levi: The glass arrived yesterday')
    const vtt = await web.ask(`${transcriptPath(meetingId)}transcript.vtt`, { session })
    expect(vtt.headers['content-type']).toBe('text/vtt; charset=utf-8')
    expect(vtt.body.startsWith('WEBVTT\n')).toBe(true)
  })

  test('plays sound in ranges', async () => {
    const { meetingId } = await seedTranscript(web, { lines: conversation })
    const ask = (headers: Record<string, string>, method = 'GET') =>
      web.ask(`${transcriptPath(meetingId)}audio`, { session, headers, method })
    expect(await ask({})).toMatchObject({
      status: 200,
      headers: { 'accept-ranges': 'bytes', 'content-length': `${tone.length}` },
    })
    expect(await ask({ range: 'bytes=0-3' })).toMatchObject({
      status: 206,
      body: 'RIFF',
      headers: { 'content-range': `bytes 0-3/${tone.length}` },
    })
    expect((await ask({ range: `bytes=${tone.length}-` })).status).toBe(416)
    expect(await ask({}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  test('of an hour, 9,000 words, stays small, with its style and script', async () => {
    const { meetingId } = await seedTranscript(web, { lines: longConversation(9_000), durationSeconds: 3_600 })
    const body = await read(meetingId)
    const elements = body.match(/<[a-z]/g)?.length ?? 0
    expect(Buffer.byteLength(body)).toBeLessThan(140 * 1024)
    expect(elements).toBeLessThan(2_500)
    const script = await web.ask(assets.transcriptScript.path)
    expect(body).toContain(assets.transcriptScript.path)
    expect(gzipSync(script.body).length).toBeLessThan(7 * 1024)
    expect(Buffer.byteLength(assets.transcriptStyle.body)).toBeLessThan(7 * 1024)
  })

  test('names no colour outside the tokens', () => {
    expect(assets.transcriptStyle.body.match(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(/gi)).toBeNull()
  })

  test('carries the number up to which it is complete, for whoever follows it from there', async () => {
    const { meetingId } = await seedTranscript(web, { lines: conversation })
    const { rows } = await sql<{
      seq: string
    }>`select last_seq as seq from transcript where meeting_id = ${meetingId}`.execute(web.db)
    expect(await read(meetingId)).toContain(`data-seq="${rows[0]?.seq}"`)
  })
})

test('The page about the bot is for everybody, and says who records and whom to ask', async () => {
  await using web = await startTestWeb({
    bot: { name: 'Notes <3', contact: 'admin@example.com', ownWords: 'Kept for <b>30</b> days.\nAsk Ana.' },
  })
  const answer = await web.ask('/about-bot', { headers: { 'x-forwarded-for': '203.0.113.9' } })
  expect(answer.status).toBe(200)
  expect(answer.body).toContain('Notes &lt;3')
  expect(answer.body).toContain('<strong>example.com</strong>')
  expect(answer.body).toContain('mailto:admin%40example.com')
  await using other = await startTestWeb()
  expect(answer.body).toContain('Kept for &lt;b&gt;30&lt;/b&gt; days.')
  expect(answer.body).toMatch(/days\..*<\/p>\s*<p>.*Ask Ana\./s)
  expect((await other.ask('/about-bot/')).body).not.toContain('mailto:')
})
