import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultModelDir, verifyModel } from './model-files.ts'
import { openSilero } from './silero.ts'
import type { SpokenUtterance } from './spoken-utterance.ts'
import { readClips } from './testdata/read-clips.ts'
import { createUtteranceSegmenter } from './utterance-segmenter.ts'
import { createEnergyDetector, type VoiceActivityDetector } from './voice-activity.ts'

interface Part {
  speechMs: number
  pauseMs: number
}

/** Each sample of speech has a value by which its place can be told; silence is zero. */
function signalOf(parts: readonly Part[]): Float32Array {
  const pieces = parts.flatMap(({ speechMs, pauseMs }) => [
    Float32Array.from({ length: speechMs * 16 }, (_, i) => 0.1 + ((i * 7_919) % 9_973) / 20_000),
    new Float32Array(pauseMs * 16),
  ])
  const signal = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    signal.set(piece, at)
    at += piece.length
  }
  return signal
}

const certain: VoiceActivityDetector = {
  rate: (frame) => (frame.some((sample) => sample !== 0) ? 1 : 0),
  reset: () => {},
}

async function segment(
  signal: Float32Array,
  { startMs = 0, pieceLengths = [1_600], detector = certain } = {},
): Promise<SpokenUtterance[]> {
  const utterances: SpokenUtterance[] = []
  const segmenter = createUtteranceSegmenter({ detector, onUtterance: (utterance) => void utterances.push(utterance) })
  for (let at = 0, i = 0; at < signal.length; i++) {
    const length = pieceLengths[i % pieceLengths.length] ?? 1_600
    await segmenter.push(signal.subarray(at, at + length), startMs + at / 16)
    at += length
  }
  await segmenter.end()
  return utterances
}

describe('any audio', () => {
  const parts = fc.array(
    fc.record({
      speechMs: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 100, max: 9_000 }) },
        fc.integer({ min: 25_000, max: 70_000 }),
      ),
      pauseMs: fc.integer({ min: 0, max: 2_500 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  const pieceLengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 })

  test('loses no sample of speech, says none twice, and no utterance is longer than 30 s', async () => {
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 0, max: 10_000_000 }), async (given, startMs) => {
        const signal = signalOf(given)
        const rest = signal.slice()
        let endMs = 0
        for (const utterance of await segment(signal, { startMs })) {
          expect(utterance.samples.length).toBeLessThanOrEqual(30 * 16_000)
          expect(utterance.startMs).toBeGreaterThanOrEqual(endMs)
          endMs = utterance.endMs
          const at = (utterance.startMs - startMs) * 16
          const inSignal = utterance.samples.subarray(0, signal.length - at)
          expect(inSignal.every((sample, i) => sample === signal[at + i])).toBe(true)
          rest.fill(0, at, at + utterance.samples.length)
        }
        expect(rest.every((sample) => sample === 0)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test('gives the same utterances in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(parts, pieceLengths, async (given, lengths) => {
        const signal = signalOf(given)
        const times = (utterances: SpokenUtterance[]) =>
          utterances.map(({ startMs, endMs, endedBy }) => [startMs, endMs, endedBy])
        expect(times(await segment(signal, { pieceLengths: lengths }))).toEqual(times(await segment(signal)))
      }),
      { numRuns: 20 },
    )
  })
})

describe('one person', () => {
  test('is heard out to the end of a pause of 0.7 s, with a little silence at both ends', async () => {
    const utterances: SpokenUtterance[] = []
    const segmenter = createUtteranceSegmenter({ onUtterance: (utterance) => void utterances.push(utterance) })
    const signal = signalOf([
      { speechMs: 0, pauseMs: 1_000 },
      { speechMs: 2_000, pauseMs: 700 },
    ])
    await segmenter.push(signal, 5_000)
    expect(utterances).toEqual([])
    await segmenter.push(new Float32Array(32 * 16), 8_700)
    expect(utterances).toMatchObject([{ endedBy: 'pause' }])
    const [{ startMs, endMs }] = utterances as [SpokenUtterance]
    expect(6_000 - startMs).toBeGreaterThanOrEqual(200)
    expect(6_000 - startMs).toBeLessThanOrEqual(260)
    expect(endMs - 8_000).toBeGreaterThanOrEqual(190)
    expect(endMs - 8_000).toBeLessThanOrEqual(260)
  })

  test('who speaks for long is cut at ever shorter pauses', async () => {
    const phrase = { speechMs: 2_000, pauseMs: 400 }
    const utterances = await segment(signalOf(Array.from({ length: 30 }, () => phrase)))
    expect(utterances.slice(0, -1).map(({ endedBy }) => endedBy)).not.toContain('length')
    for (const { startMs, endMs } of utterances) expect(endMs - startMs).toBeLessThan(25_000)
  })

  test('who never pauses is cut at 30 s at the latest, where it is quietest', async () => {
    const signal = signalOf([{ speechMs: 40_000, pauseMs: 0 }])
    for (let i = 23_000 * 16; i < 23_100 * 16; i++) signal[i] = (signal[i] ?? 0) / 100
    const [first, second] = await segment(signal)
    expect(first).toMatchObject({ endedBy: 'length' })
    expect(Math.abs((first?.endMs ?? 0) - 23_050)).toBeLessThan(50)
    expect(second?.startMs).toBe(first?.endMs)
  })

  test('a click is no speech', async () => {
    expect(await segment(signalOf([{ speechMs: 20, pauseMs: 2_000 }]))).toEqual([])
  })

  test('whose audio stops is closed as soon as it is known that nothing more comes', async () => {
    const utterances: SpokenUtterance[] = []
    const segmenter = createUtteranceSegmenter({ detector: certain, onUtterance: (u) => void utterances.push(u) })
    const speech = signalOf([{ speechMs: 1_010, pauseMs: 0 }])
    await segmenter.push(speech, 0)
    await segmenter.advance(1_600)
    expect(utterances).toEqual([])
    await segmenter.advance(1_800)
    expect(utterances).toMatchObject([{ startMs: 0, endedBy: 'gap' }])
    await segmenter.push(speech, 60_000)
    await segmenter.end()
    expect(utterances).toMatchObject([{}, { startMs: 60_000, endedBy: 'gap' }])
    expect(utterances.map(({ samples }) => samples.filter((sample) => sample !== 0).length)).toEqual([16_160, 16_160])
  })

  test('short holes in the audio are filled, so that later words keep their times', async () => {
    const utterances: SpokenUtterance[] = []
    const segmenter = createUtteranceSegmenter({ detector: certain, onUtterance: (u) => void utterances.push(u) })
    const speech = signalOf([{ speechMs: 1_000, pauseMs: 0 }])
    await segmenter.push(speech, 0)
    await segmenter.push(speech, 1_500)
    await segmenter.push(speech, 2_540)
    await segmenter.end()
    expect(utterances).toHaveLength(1)
    expect(utterances[0]?.samples[1_500 * 16]).toBeCloseTo(0.1)
    expect(utterances[0]?.samples[1_400 * 16]).toBe(0)
  })

  test('an utterance that nobody could take fails its call and does not cost the next one', async () => {
    const taken: number[] = []
    const segmenter = createUtteranceSegmenter({
      detector: certain,
      onUtterance: ({ startMs }) => {
        if (startMs === 0) throw new Error('no room')
        taken.push(startMs)
      },
    })
    const phrase = { speechMs: 1_000, pauseMs: 1_000 }
    await expect(segmenter.push(signalOf([phrase, phrase]), 0)).rejects.toThrow('no room')
    await segmenter.end()
    expect(taken).toHaveLength(1)
  })
})

test('by loudness alone, speech over a steady noise is still found, and the noise is not', async () => {
  const signal = signalOf([
    { speechMs: 0, pauseMs: 3_000 },
    { speechMs: 2_000, pauseMs: 3_000 },
  ])
  for (let i = 0; i < signal.length; i++) signal[i] = (signal[i] ?? 0) + Math.sin(i * i) * 0.003
  const utterances = await segment(signal, { detector: createEnergyDetector() })
  const spoken = utterances.filter(({ startMs, endMs }) => startMs < 3_000 && endMs > 5_000)
  expect(spoken).toHaveLength(1)
  expect(utterances.at(-1)).toBe(spoken[0])
})

const problems = await verifyModel(defaultModelDir)
test.skipIf(problems.length > 0)(`Silero tells voices from a tone and from noise ${problems.join(' ')}`, async () => {
  await using silero = await openSilero(defaultModelDir)
  const [clip] = await readClips()
  const speech = clip?.audio ?? new Float32Array(0)
  const signal = new Float32Array(3 * 32_000 + speech.length)
  for (let i = 0; i < 32_000; i++) {
    signal[i] = Math.sin(i / 6) * 0.1
    signal[32_000 + i] = Math.sin(i * i) * 0.05
  }
  signal.set(speech, 2 * 32_000)
  const utterances = await segment(signal, { detector: silero.createDetector() })
  expect(utterances).toHaveLength(1)
  expect(utterances[0]?.startMs).toBeGreaterThan(3_600)
  expect(utterances[0]?.startMs).toBeLessThan(4_200)
})
