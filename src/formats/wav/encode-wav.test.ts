import { expect, test } from 'vitest'
import { encodeWav } from './encode-wav.ts'

test('a file says its rate and lengths, and holds each sample with 16 bits', () => {
  const file = Buffer.from(encodeWav(Float32Array.of(0, 0.5, -0.5, 1), 16_000))
  expect(file).toHaveLength(44 + 4 * 2)
  expect([0, 8, 12, 36].map((at) => file.toString('latin1', at, at + 4))).toEqual(['RIFF', 'WAVE', 'fmt ', 'data'])
  expect([file.readUInt32LE(4), file.readUInt32LE(40)]).toEqual([file.length - 8, 8])
  expect({
    format: file.readUInt16LE(20),
    channels: file.readUInt16LE(22),
    rateHz: file.readUInt32LE(24),
    bytesPerSecond: file.readUInt32LE(28),
    bits: file.readUInt16LE(34),
  }).toEqual({ format: 1, channels: 1, rateHz: 16_000, bytesPerSecond: 32_000, bits: 16 })
  expect([0, 1, 2, 3].map((i) => file.readInt16LE(44 + i * 2))).toEqual([0, 16_384, -16_383, 32_767])
})

test('what is too loud is cut to full scale and does not wrap around', () => {
  const file = Buffer.from(encodeWav(Float32Array.of(7, -7), 8_000))
  expect([file.readInt16LE(44), file.readInt16LE(46)]).toEqual([32_767, -32_767])
})
