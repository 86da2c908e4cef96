import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AppError } from '../../base/errors.ts'
import { decodePage } from './ogg-page.ts'
import { readOggOpus } from './read-ogg-opus.ts'
import { writeOggOpus } from './write-ogg-opus.ts'

/** Any bytes behind the first byte of a packet of 20 ms. */
const packet = fc
  .oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 1_300 }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(253, 254, 255, 256, 509, 510, 64_769, 65_024, 65_025, 65_026, 130_050, 200_000),
    },
  )
  .map((length) => Buffer.alloc(length + 1, 0x33).fill(0xf8, 0, 1))

test('packets come back as they were, whatever their lengths', () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), fc.integer({ min: 0, max: 5_000 }), (packets, preSkip) => {
      const stream = readOggOpus(writeOggOpus(packets, { preSkip }))
      expect(stream.packets.map((read) => Buffer.from(read))).toEqual(packets)
      expect(stream).toMatchObject({ preSkip, channels: 1 })
      expect(stream.durationMs).toBeCloseTo(Math.max(0, packets.length * 20 - preSkip / 48), 6)
    }),
    { numRuns: 60 },
  )
})

test('many small packets fill several pages, each of at most 255 segments, with rising numbers and positions', () => {
  const bytes = writeOggOpus(Array.from({ length: 600 }, () => Buffer.from([0xf8, 1, 2])))
  const pages = []
  for (let offset = 0; offset < bytes.length; ) {
    const found = decodePage(bytes, offset)
    if (!found) throw new Error(`no page at ${offset}`)
    pages.push(found.page)
    offset = found.next
  }
  expect(pages.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
  expect(pages.map(({ flags }) => flags)).toEqual([2, 0, 0, 0, 4])
  expect(pages.map(({ lacing }) => lacing.length)).toEqual([1, 1, 255, 255, 90])
  expect(pages.map(({ position }) => position)).toEqual([0, 0, 255 * 960, 510 * 960, 600 * 960])
})

test('a stream is written the same way today and tomorrow', () => {
  const bytes = writeOggOpus([Buffer.from([0xf8, 0xff, 0xfe])], { preSkip: 312, serial: 7 })
  expect(createHash('sha256').update(bytes).digest('hex')).toMatchInlineSnapshot(
    `"34675098babeaf6180b65dbd4d97328da537418455f30a951d38665c4db2bcd2"`,
  )
})

test('a stream of another writer is read, without its delay and what is trimmed at its end', () => {
  // 0.73 s of a tone, made with opusenc (libopus 1.3.1).
  const stream = readOggOpus(readFileSync(new URL('./testdata/by-opusenc.opus', import.meta.url)))
  expect(stream).toMatchObject({ channels: 1, preSkip: 312 })
  expect(stream.durationMs).toBeCloseTo(730, 1)
  expect(stream.packets).toHaveLength(37)
})

test('any changed or missing byte is noticed, and said as a failure', () => {
  const whole = writeOggOpus([Buffer.alloc(300, 0xf8), Buffer.alloc(20, 0xf8)])
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] as number) ^ 0x40
    expect(() => readOggOpus(changed), `byte ${at}`).toThrow(/whole Ogg Opus stream/)
    expect(() => readOggOpus(whole.subarray(0, at)), `cut at ${at}`).toThrow(/whole Ogg Opus stream/)
  }
})

test('bytes of any kind are refused with a failure and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => readOggOpus(bytes)).toThrow(AppError)
    }),
  )
})

test('what is no Opus packet is not written', () => {
  expect(() => writeOggOpus([new Uint8Array(0)])).toThrow('Not an Opus packet')
  expect(() => writeOggOpus([Uint8Array.of(0xfb, 0)])).toThrow('Not an Opus packet')
})
