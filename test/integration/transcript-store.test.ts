import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/base/ids.ts'
import { appendUtterance, finishTranscript, readTranscript } from '../../src/features/transcripts/index.ts'
import { resultOfSpeech } from '../../src/features/transcripts/result-of-speech.ts'
import { finishUtterance } from '../../src/features/transcripts/utterance-store.ts'
import { inTransaction } from '../../src/platform/db/index.ts'
import { seedTranscript } from '../support/seed-transcript.ts'
import { startTestWeb, type TestWeb } from '../support/web.ts'

describe('A stored transcript', () => {
  let web: TestWeb
  beforeAll(async () => {
    web = await startTestWeb()
  })
  afterAll(() => web[Symbol.asyncDispose]())

  const speechOf = async (id: string) =>
    (await web.db.selectFrom('utterance').select('opus').where('id', '=', id).executeTakeFirstOrThrow()).opus

  test('numbers every write, and is read from a number on', async () => {
    const { meetingId, say, finish } = await seedTranscript(web, { end: 'live' })
    const first = await say({ by: 'Ana Lima', at: 5, text: 'Second.' })
    const second = await say({ by: 'Ben Levi', at: 1, isPending: true })
    expect(await readTranscript(web.db, meetingId)).toMatchObject({
      state: 'live',
      lastSeq: 3,
      utterances: [
        { id: second, seq: 3, state: 'heard', text: '' },
        { id: first, seq: 2, state: 'done', text: 'Second.' },
      ],
    })
    await finish(second, { state: 'done', text: 'First.' })
    const news = await readTranscript(web.db, meetingId, { afterSeq: 3 })
    expect(news).toMatchObject({ lastSeq: 4, utterances: [{ id: second, text: 'First.' }] })
  })

  test('has numbers without gaps and in the order of becoming visible, however many write at once', async () => {
    const { meetingId, say } = await seedTranscript(web, { end: 'live' })
    await say({ by: 'Ana Lima', at: 0, isPending: true })
    const participantId = (await readTranscript(web.db, meetingId))?.participants[0]?.id as string
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        inTransaction(web.db, (trx) =>
          appendUtterance(
            trx,
            { id: newId(), meetingId, participantId, startedMs: at, durationMs: 1, opus: Buffer.from('x') },
            web.clock.now(),
          ),
        ),
      ),
    )
    const transcript = await readTranscript(web.db, meetingId)
    expect(transcript?.utterances.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 21 }, (_, index) => index + 1),
    )
  })

  test('keeps speech until it is text for good, and text once it is there', async () => {
    const { say, finish } = await seedTranscript(web, { end: 'live' })
    const id = await say({ by: 'Ana Lima', at: 0, isPending: true })
    await finish(id, { state: 'failed' })
    expect(await speechOf(id)).not.toBeNull()
    await finish(id, { state: 'done', text: 'At last.' })
    expect(await speechOf(id)).toBeNull()
    const again = await inTransaction(web.db, (trx) => finishUtterance(trx, id, { state: 'empty' }, web.clock.now()))
    expect(again).toBe(false)
    const unknown = await inTransaction(web.db, (trx) =>
      finishUtterance(trx, newId(), { state: 'empty' }, web.clock.now()),
    )
    expect(unknown).toBe(false)
  })

  test('is finished once nothing waits to become text, and says how it ended', async () => {
    const { meetingId, say, finish } = await seedTranscript(web, { end: 'live' })
    const id = await say({ by: 'Ana Lima', at: 0, isPending: true })
    const end = () =>
      inTransaction(web.db, (trx) =>
        finishTranscript(trx, meetingId, { hasAudio: true, isWhole: true }, web.clock.now()),
      )
    expect(await end()).toBe('finishing')
    expect((await readTranscript(web.db, meetingId))?.finishedAt).toBeNull()
    await finish(id, { state: 'failed' })
    expect(await end()).toBe('failed')
    await finish(id, { state: 'done', text: 'So it was.' })
    expect(await end()).toBe('complete')
    expect((await readTranscript(web.db, meetingId))?.finishedAt).toEqual(web.clock.now())
  })

  test('of a meeting in which no bot ever was, ends without one', async () => {
    const { meetingId } = await seedTranscript(web, { end: null })
    const facts = { hasAudio: false, isWhole: true }
    expect(await inTransaction(web.db, (trx) => finishTranscript(trx, meetingId, facts, web.clock.now()))).toBe('none')
  })
})

test.each([
  [
    { text: 'Yes.', confidence: 0.9, language: 'en' },
    { state: 'done', text: 'Yes.', confidence: 0.9, language: 'en' },
  ],
  [
    { text: '', confidence: 0.1, language: null, reason: 'no_speech' as const },
    { state: 'empty', confidence: 0.1 },
  ],
  [
    { text: '', confidence: 0.1, language: null, reason: 'other_language' as const },
    { state: 'done', confidence: 0.1, language: 'und' },
  ],
  [
    { text: '', confidence: 0.1, language: 'de', reason: 'other_language' as const },
    { state: 'done', confidence: 0.1, language: 'de' },
  ],
])('what a speech provider answers, %o, is stored as %o', (speech, result) => {
  expect(resultOfSpeech(speech)).toEqual(result)
})
