import { expect, test } from 'vitest'
import { isRegularPacket, SILENCE, samplesOf } from './opus-packet.ts'
import { PACKET_MS, PACKET_SAMPLES, WIDEBAND_PACKET_SAMPLES } from './packet-length.ts'

test.each([
  ['SILK, 10 ms', [0x00], 480],
  ['SILK, 60 ms', [0x18], 2_880],
  ['hybrid, 20 ms', [0x68], 960],
  ['CELT, 2.5 ms', [0x80], 120],
  ['CELT, 20 ms', [0xf8], 960],
  ['two frames', [0xf9], 1_920],
  ['two frames of different lengths', [0xfa], 1_920],
  ['three frames, counted', [0xfb, 3], 2_880],
  ['more than 120 ms', [0xfb, 7], undefined],
  ['no frame', [0xfb, 0], undefined],
  ['a count that is missing', [0xfb], undefined],
  ['nothing', [], undefined],
])('%s', (_, bytes, samples) => {
  expect(samplesOf(Uint8Array.from(bytes))).toBe(samples)
})

test('a regular packet lasts 20 ms and holds 960 samples at 48 kHz, 320 at 16 kHz', () => {
  expect([PACKET_MS, PACKET_SAMPLES, WIDEBAND_PACKET_SAMPLES]).toEqual([20, 960, 320])
})

test('packets of 20 ms and of a possible size are regular, silence among them', () => {
  expect(isRegularPacket(SILENCE)).toBe(true)
  expect(isRegularPacket(Uint8Array.of(0xf9, 1, 2))).toBe(false)
  expect(isRegularPacket(new Uint8Array(1_276).fill(0xf8))).toBe(false)
})
