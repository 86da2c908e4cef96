import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findBox } from './box.ts'
import { readMp4Head } from './read-mp4-head.ts'
import { playedSamples, writeMp4Head } from './write-mp4-head.ts'

const reader = (bytes: Uint8Array) => async (start: number, end: number) => bytes.subarray(start, end)

test('what was written is read back: every length, the delay and where the sound begins', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1_275 }), { maxLength: 400 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 0, max: 5_000 }), async (lengths, preSkip) => {
      const head = writeMp4Head({ sizes: Uint16Array.from(lengths), preSkip })
      const read = await readMp4Head(reader(head))
      expect({ ...read, sizes: [...read.sizes] }).toEqual({ sizes: lengths, preSkip, soundAt: head.length })
    }),
  )
})

test('each second has its place, and the chunks are together as long as the sound', () => {
  const sizes = Uint16Array.from({ length: 120 }, (_, i) => 10 + (i % 50))
  const head = writeMp4Head({ sizes, preSkip: 312 })
  const table = ['moov', 'trak', 'mdia', 'minf', 'stbl'].reduce((inside, type) => findBox(inside, type) ?? inside, head)
  const second = sizes.subarray(0, 50).reduce((sum, size) => sum + size, 0)
  const places = Buffer.from(findBox(table, 'stco') ?? [])
  expect([0, 1, 2, 3].map((i) => places.readUInt32BE(4 + i * 4))).toEqual([
    3,
    head.length,
    head.length + second,
    head.length + 2 * second,
  ])
  expect([
    ...Buffer.from(findBox(table, 'stsc') ?? [])
      .subarray(4)
      .toJSON()
      .data.filter((byte) => byte > 0),
  ]).toEqual([2, 1, 50, 1, 3, 20, 1])
})

test('a head is written the same way today and tomorrow', () => {
  const head = writeMp4Head({ sizes: Uint16Array.of(3, 40, 1_275), preSkip: 312 })
  expect(createHash('sha256').update(head).digest('hex')).toMatchInlineSnapshot(
    `"95034c2a08579d40a15625c0f34cb64692f4d5b19a054c17d5d71772fea29a50"`,
  )
  expect(playedSamples({ sizes: Uint16Array.of(3, 40, 1_275), preSkip: 312 })).toBe(3 * 960 - 312)
})

test('another file is refused with a failure', async () => {
  const head = writeMp4Head({ sizes: Uint16Array.of(3), preSkip: 0 })
  for (const other of [new Uint8Array(0), Buffer.from('OggS and more of it'), head.subarray(0, 100)]) {
    await expect(readMp4Head(reader(other))).rejects.toMatchObject({ code: 'mp4_damaged' })
  }
})
