import { expect, test } from 'vitest'
import { BLOCK_SAMPLES, loudnessOf } from './block.ts'
import { createDecimator, lowPassWeights } from './decimate.ts'
import { createEnergyGate } from './energy-gate.ts'
import { createMixer } from './mix-blocks.ts'
import { createBunchJudge, createFramer } from './read-track.ts'

const tone = (hertz: number, block: number, size = 0.5) =>
  Float32Array.from(
    { length: BLOCK_SAMPLES },
    (_, i) => size * Math.sin((2 * Math.PI * hertz * (block * BLOCK_SAMPLES + i)) / 48_000),
  )
const quiet = new Float32Array(BLOCK_SAMPLES)

function decimatedLoudness(hertz: number): number {
  const decimator = createDecimator()
  const blocks = Array.from({ length: 20 }, (_, block) => decimator.push(tone(hertz, block)))
  const settled = Float32Array.from(
    blocks.slice(5).flatMap((block) => [...block]),
    (sample) => sample / 32_768,
  )
  return loudnessOf(settled)
}

test('a tone of speech passes the way to 16 kHz unchanged', () => {
  for (const hertz of [100, 1_000, 4_000, 6_000]) expect(decimatedLoudness(hertz)).toBeCloseTo(0.5 / Math.SQRT2, 1)
})

test('a tone that 16 kHz cannot hold is gone, and does not come back as another', () => {
  for (const hertz of [9_500, 12_000, 15_000, 20_000]) expect(decimatedLoudness(hertz)).toBeLessThan(0.002)
})

test('the low-pass neither amplifies nor weakens, and full scale does not wrap around', () => {
  expect(lowPassWeights().reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 5)
  const decimator = createDecimator()
  const full = new Float32Array(BLOCK_SAMPLES).fill(1.5)
  decimator.push(full)
  expect(decimator.push(full).every((sample) => sample === 32_767)).toBe(true)
})

test('silence passes no gate; a word passes with what is before and after it', () => {
  const gate = createEnergyGate({ openAt: 0.01, prerollBlocks: 3, hangoverBlocks: 2 })
  const passed: number[] = []
  for (let index = 0; index < 100; index++) {
    const block = index === 50 ? tone(500, 0) : quiet
    passed.push(...gate({ index, block }, loudnessOf(block)).map((one) => one.index))
  }
  expect(passed).toEqual([47, 48, 49, 50, 51, 52])
})

test('what was heard before a gap in time is not put before a word after it', () => {
  const gate = createEnergyGate({ openAt: 0.01, prerollBlocks: 3, hangoverBlocks: 2 })
  expect(gate({ index: 1, block: quiet }, 0)).toEqual([])
  expect(gate({ index: 90, block: quiet }, 1).map(({ index }) => index)).toEqual([90])
})

test('the mix has every block once and in order, with the voices where they were', () => {
  const given: { index: number; loudness: number }[] = []
  const mixer = createMixer((index, block) => given.push({ index, loudness: loudnessOf(block) }))
  mixer.add('a', 2, tone(500, 0, 0.2))
  mixer.add('b', 2, tone(500, 0, 0.2))
  mixer.add('a', 3, tone(500, 0, 0.2))
  mixer.advance(12)
  expect(given.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(given[2]?.loudness).toBeCloseTo(0.4 / Math.SQRT2, 3)
  // b says nothing more: it is waited for a second, and not longer.
  mixer.advance(50)
  expect(given).toHaveLength(3)
  mixer.advance(54)
  mixer.finish(10)
  expect(given.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(given[3]?.loudness).toBeCloseTo(0.2 / Math.SQRT2, 3)
})

test('twenty loud voices do not leave full scale', () => {
  let peak = 0
  const mixer = createMixer((_, block) => {
    peak = Math.max(peak, ...block)
  })
  for (let voice = 0; voice < 20; voice++) mixer.add(`${voice}`, 0, tone(500, 0, 0.9))
  mixer.finish(1)
  expect(peak).toBeLessThanOrEqual(1)
})

test('frames of 10 ms become blocks at their places, and a gap stays a gap', () => {
  const indices: number[] = []
  const framer = createFramer((index) => indices.push(index))
  const frame = new Float32Array(480)
  const at = (ms: number) => framer.push(frame, 5_000_000 + ms, ms + 25)
  for (let ms = 1_000; ms < 1_100; ms += 10) at(ms)
  for (let ms = 3_000; ms < 3_040; ms += 10) at(ms)
  expect(indices).toEqual([51, 52, 53, 54, 55, 151, 152])
})

test('frames that were read late, after the page was busy, keep their places', () => {
  const indices: number[] = []
  const framer = createFramer((index) => indices.push(index))
  const frame = new Float32Array(480)
  for (let ms = 0; ms < 100; ms += 10) framer.push(frame, ms, ms + 10)
  for (let ms = 100; ms < 1_000; ms += 10) framer.push(frame, ms, 1_010)
  expect(indices).toEqual(Array.from({ length: 50 }, (_, index) => index))
})

test('frames that are read in bunches keep their places, also the first after a gap', () => {
  const indices: number[] = []
  const framer = createFramer((index) => indices.push(index))
  const isLastOfBunch = createBunchJudge()
  const bunches: number[] = []
  let bunch = 0
  const frame = new Float32Array(480)
  let wokenAt = 0
  /** Frames of 10 ms whose clock is two hours ahead; each is there 5 ms after its end, or when the reader wakes again. */
  const speak = (from: number, to: number) => {
    for (let ms = from; ms < to; ms += 10) {
      const readAt = Math.max(ms + 15, wokenAt)
      framer.push(frame, ms + 7_200_000, readAt)
      bunch += 1
      if (!isLastOfBunch(readAt - ms - 7_200_000)) continue
      bunches.push(bunch)
      bunch = 0
      wokenAt = readAt + 100
    }
  }
  speak(0, 1_000)
  wokenAt = 1_595
  speak(1_500, 2_000)
  const blocks = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)
  expect(indices).toEqual([...blocks(0, 50), ...blocks(75, 25)])
  expect(Math.max(...bunches)).toBeGreaterThanOrEqual(8)
  expect(bunches.length).toBeLessThan(30)
})

test('nothing is given out before the recording begins', () => {
  const indices: number[] = []
  const framer = createFramer((index) => indices.push(index))
  for (let ms = 0; ms < 100; ms += 10) framer.push(new Float32Array(480), ms, Number.NaN)
  expect(indices).toEqual([])
})
