import { afterAll, beforeAll, expect, test } from 'vitest'
import { wordErrorRate } from '../../../../test/support/word-error-rate.ts'
import { LONGEST_AUDIO_MS, SAMPLE_RATE, type SpeechProvider } from './provider.ts'
import { type HeardClip, readClips } from './testdata/read-clips.ts'

/** What every provider of speech to text owes its callers; each member's tests run it. */
export function describeSpeechProvider(open: () => SpeechProvider): void {
  let provider: SpeechProvider
  let clips: HeardClip[]
  beforeAll(async () => {
    provider = open()
    clips = await readClips()
  })
  afterAll(() => provider[Symbol.asyncDispose]())

  test('a spoken sentence becomes its text, with a confidence and a language', async () => {
    const clip = findClip('rms-agreement')
    const result = await provider.transcribe(clip.audio, { language: 'en' })
    expect(wordErrorRate(clip.text, result.text)).toBeLessThanOrEqual(0.15)
    expect(result).toMatchObject({ language: 'en' })
    expect(result.confidence).toBeGreaterThan(0.5)
    expect(result.confidence).toBeLessThanOrEqual(1)
  })

  test('many at once are all answered, each with its own text', async () => {
    const some = clips.slice(0, 6)
    const results = Promise.all(some.map(({ audio }) => provider.transcribe(audio)))
    expect(provider.pending).toBe(some.length)
    await provider.whenRoom()
    for (const [i, { text }] of (await results).entries()) {
      expect(wordErrorRate(some[i]?.text ?? '', text)).toBeLessThan(0.5)
    }
    expect(provider.pending).toBe(0)
  })

  test('silence is no text, and no audio is silence', async () => {
    const nothing = { text: '', language: null, reason: 'no_speech' }
    expect(await provider.transcribe(new Float32Array(5 * SAMPLE_RATE))).toMatchObject(nothing)
    expect(await provider.transcribe(new Float32Array(0))).toMatchObject(nothing)
  })

  test('more than 30 s is refused as the bug it is', async () => {
    const audio = new Float32Array((LONGEST_AUDIO_MS / 1000) * SAMPLE_RATE + 1)
    await expect(provider.transcribe(audio)).rejects.toThrow(RangeError)
  })

  test('aborting rejects with the reason, before and during the work, and costs nobody else anything', async () => {
    const { audio } = findClip('slt-question')
    const reason = new Error('enough')
    await expect(provider.transcribe(audio, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const aborted = provider.transcribe(audio, { signal: controller.signal })
    const other = provider.transcribe(audio)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    expect((await other).text).not.toBe('')
  })

  test('what is handed in after the end fails and may be tried again later', async () => {
    const ended = open()
    await ended[Symbol.asyncDispose]()
    const answer = ended.transcribe(findClip('slt-question').audio)
    await expect(answer).rejects.toMatchObject({ code: 'speech_closed', retry: 'later' })
  })

  function findClip(name: string): HeardClip {
    const clip = clips.find((one) => one.name === name)
    if (!clip) throw new Error(`There is no clip ${name}`)
    return clip
  }
}
