import { expect, test } from 'vitest'
import { countMissing } from './heard-speech.ts'
import { readPacketsLost, writeRtpPacket } from './rtp-packet.ts'

/** Twenty blocks that differ in loudness, with a pause in the middle. */
const said = Float32Array.from({ length: 20 }, (_, i) => (i === 9 || i === 10 ? 0 : 0.05 + (i % 4) * 0.05))

function recordedWith(change: (recorded: Float32Array, at: number) => void, lateBlocks = 7): Float32Array {
  const recorded = new Float32Array(200)
  recorded.set(
    said.map((loudness) => loudness * 0.8),
    50 + lateBlocks,
  )
  change(recorded, 50 + lateBlocks)
  return recorded
}

test('speech that is there misses nothing, however late and a little softer', () => {
  for (const lateBlocks of [0, 7, 40])
    expect(
      countMissing(
        said,
        recordedWith(() => {}, lateBlocks),
        50,
      ),
    ).toEqual({ spoken: 18, missing: 0 })
})

test('a hole is missing, except for its edges, where sound may have been squeezed; silence misses all', () => {
  const withHole = recordedWith((recorded, at) => recorded.fill(0, at, at + 9))
  expect(countMissing(said, withHole, 50).missing).toBeGreaterThanOrEqual(6)
  expect(countMissing(said, new Float32Array(200), 50)).toEqual({ spoken: 18, missing: 18 })
})

test('a receiver’s report says how many packets of a stream it missed, wherever it stands in a message', () => {
  const report = Buffer.alloc(32)
  report.writeUInt16BE(0x81c9, 0)
  report.writeUInt16BE(7, 2)
  report.writeUInt32BE(1_234, 8)
  report.writeIntBE(17, 13, 3)
  const other = Buffer.from([0x80, 0xca, 0, 1, 0, 0, 0, 9])
  expect(readPacketsLost(report, 1_234)).toBe(17)
  expect(readPacketsLost(Buffer.concat([other, report]), 1_234)).toBe(17)
  expect(readPacketsLost(report, 99)).toBeUndefined()
  expect(readPacketsLost(Buffer.from([1, 2, 3]), 99)).toBeUndefined()
})

test('a packet carries its fields where receivers look for them', () => {
  const packet = writeRtpPacket({ ssrc: 7, payloadType: 111, sequence: 65_535, timestamp: 960 }, Uint8Array.of(1, 2))
  expect(packet.toString('hex')).toBe('806fffff000003c0000000070102')
})
