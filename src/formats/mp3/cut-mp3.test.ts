import { describe, expect, test } from 'vitest'
import { silentMp3 } from '../../../sandbox/attendee/silent-mp3.ts'
import { cutMp3 } from './cut-mp3.ts'
import { createFrameWalker } from './walk-frames.ts'

const FRAME_BYTES = 104
const FRAME_MS = 1_152 / 44.1
const file = silentMp3(10_000)
const frame = file.subarray(0, FRAME_BYTES)

/** How the frames of a stream look whose header is this. */
function framesOf(header: readonly number[], sizeBytes: number, count: number): Buffer {
  const one = Buffer.alloc(sizeBytes)
  one.set(header)
  return Buffer.concat(Array.from({ length: count }, () => one))
}

/** An ID3v2 tag of so many bytes behind its head; what is in it looks like a frame. */
function tagOf(bytes: number): Buffer {
  const head = Buffer.from([...Buffer.from('ID3'), 4, 0, 0, 0, 0, bytes >> 7, bytes & 0x7f])
  return Buffer.concat([head, Buffer.alloc(bytes, frame)])
}

function describing(name: string, at: number): Buffer {
  const first = Buffer.from(frame)
  first.write(name, at, 'latin1')
  return first
}

async function cut(content: Buffer, keepMs: number, dropLastMs = 0, pieceBytes = 1_000): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes)
  }
  const kept: Uint8Array[] = []
  for await (const piece of cutMp3(pieces(), { keepMs, dropLastMs })) kept.push(piece)
  return Buffer.concat(kept)
}

const firstFrames = (ms: number) => file.subarray(0, Math.floor(ms / FRAME_MS) * FRAME_BYTES)

describe('An MP3 file that is cut', () => {
  test('keeps the frames that end before the cut, in whatever pieces it comes', async () => {
    for (const pieceBytes of [1, 7, 103, 104, 105, 1_000, 1_000_000])
      expect(await cut(file, 4_000, 0, pieceBytes)).toEqual(firstFrames(4_000))
  })

  test('loses nothing where the cut is behind its end', async () => {
    expect(await cut(file, 60_000)).toEqual(file)
  })

  test('loses its last seconds where it is shorter than the time in which it was made', async () => {
    // Made in 14 s and cut at 8, so 6 s are another’s; 4 s of sound are missing, and nobody knows where.
    const kept = await cut(file, 8_000, 6_000)
    const frames = file.length / FRAME_BYTES
    expect(kept.length / FRAME_BYTES).toBe(Math.floor((frames * FRAME_MS - 6_000) / FRAME_MS))
    expect(kept.equals(file.subarray(0, kept.length))).toBe(true)
  })

  test('is sound from its first frame on: tags are no time, and say nothing any more', async () => {
    expect(await cut(Buffer.concat([tagOf(700), file]), 4_000)).toEqual(firstFrames(4_000))
    expect(await cut(Buffer.concat([tagOf(700), file]), 4_000, 0, 5)).toEqual(firstFrames(4_000))
    const tagAtEnd = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)])
    expect(await cut(Buffer.concat([file, tagAtEnd]), 60_000)).toEqual(file)
  })

  test.each([
    ['Xing', 4 + 17],
    ['Info', 4 + 17],
    ['VBRI', 4 + 32],
  ])('does not keep the frame that counts the frames of the whole: %s', async (name, at) => {
    expect(await cut(Buffer.concat([describing(name, at), file]), 4_000)).toEqual(firstFrames(4_000))
  })

  test('is not told wrong by what stands between its frames', async () => {
    const half = file.length / 2 - ((file.length / 2) % FRAME_BYTES)
    const garbage = Buffer.concat([Buffer.from('no sound'), frame.subarray(0, 20), Buffer.from([0xff, 0xfb, 0x90])])
    const broken = Buffer.concat([file.subarray(0, half), garbage, file.subarray(half)])
    for (const pieceBytes of [1, 9, 1_000]) expect(await cut(broken, 8_000, 0, pieceBytes)).toEqual(firstFrames(8_000))
  })

  test('has the length that its frames say, of whichever rate', () => {
    const said: [number[], number, number][] = [
      // MPEG 1, 128 kbit/s, 44.1 kHz, with and without padding; 48 kHz.
      [[0xff, 0xfb, 0x90, 0x00], 417, 1_152 / 44.1],
      [[0xff, 0xfb, 0x92, 0x00], 418, 1_152 / 44.1],
      [[0xff, 0xfb, 0x94, 0x00], 384, 1_152 / 48],
      // MPEG 2, 64 kbit/s, 24 kHz; MPEG 2.5, 32 kbit/s, 8 kHz; with a checksum.
      [[0xff, 0xf3, 0x84, 0xc0], 192, 576 / 24],
      [[0xff, 0xe3, 0x48, 0xc0], 288, 576 / 8],
      [[0xff, 0xfa, 0x90, 0x00], 417, 1_152 / 44.1],
    ]
    for (const [header, sizeBytes, frameMs] of said) {
      const walker = createFrameWalker()
      const frames = [...walker.push(framesOf(header, sizeBytes, 10)), ...walker.end()]
      expect(frames).toHaveLength(10)
      expect(frames[0]?.durationMs).toBeCloseTo(frameMs, 6)
      expect(walker.lostBytes).toBe(0)
    }
  })

  test('may change its rate on the way', async () => {
    const louder = framesOf([0xff, 0xfb, 0x90, 0x00], 417, 100)
    const kept = await cut(Buffer.concat([file, louder]), (file.length / FRAME_BYTES + 50) * FRAME_MS + 1)
    expect(kept.length).toBe(file.length + 50 * 417)
  })

  test('that is none is not read to its end', async () => {
    let pieces = 0
    async function* endless() {
      for (;;) {
        pieces++
        yield Buffer.alloc(100_000, 7)
      }
    }
    await expect(cutMp3(endless(), { keepMs: 4_000, dropLastMs: 0 }).next()).rejects.toMatchObject({
      code: 'media_uncut',
    })
    expect(pieces).toBe(1)
  })

  test.each([
    ['a video', Buffer.concat([Buffer.from('\0\0\0\x20ftypisom'), Buffer.alloc(5_000, 7)])],
    ['nothing', Buffer.alloc(0)],
    ['a tag without sound', tagOf(700)],
    ['sound of another layer', framesOf([0xff, 0xfd, 0x90, 0x00], 417, 10)],
    ['AAC', framesOf([0xff, 0xf1, 0x50, 0x80], 300, 10)],
    ['a rate that tells no length', framesOf([0xff, 0xfb, 0x00, 0x00], 417, 10)],
    ['frames in something else', Buffer.concat([Buffer.alloc(50_000, 1), file.subarray(0, 400 * FRAME_BYTES)])],
  ])('is no MP3: %s', async (_, content) => {
    await expect(cut(content, 4_000)).rejects.toMatchObject({ code: 'media_uncut' })
  })
})
