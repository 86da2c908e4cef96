import { OPUS_RATE_HZ, PACKET_MS, PACKET_SAMPLES } from '../opus/packet-length.ts'
import { box, boxHeader, fullBox, lengthOf, type Pieces, text, u8, u16, u32 } from './box.ts'

// Opus in MP4: "Encapsulation of Opus in ISO Base Media File Format" 0.8.1, opus-codec.org/docs/opus_in_isobmff.html, read November 2026.

/** A player finds its place within a second of sound. */
const CHUNK_PACKETS = 1_000 / PACKET_MS
/** How much is decoded before a place that is jumped to, until it sounds right: 80 ms, section 4.3.6.2 there. */
const ROLL_PACKETS = 80 / PACKET_MS
const MAX_FILE_BYTES = 0xffff_ffff

/** What a file will hold: its packets' lengths, in order, and the samples dropped at its start. */
export interface Mp4Contents {
  sizes: Uint16Array
  preSkip: number
}

/** How long the file plays, in samples. */
export function playedSamples({ sizes, preSkip }: Mp4Contents): number {
  return Math.max(0, sizes.length * PACKET_SAMPLES - preSkip)
}

/** Everything that stands before the first packet; the packets follow one behind the other, and nothing comes after them. */
export function writeMp4Head(contents: Mp4Contents): Uint8Array {
  const soundBytes = contents.sizes.reduce((sum, size) => sum + size, 0)
  const indexed = { ...contents, sizeTable: [sizeTable(contents.sizes)] }
  const type = box('ftyp', text('isom'), u32(0x200), text('isomiso2iso4mp42'))
  // The table of places has the same length wherever the sound begins.
  const soundAt = lengthOf(type) + lengthOf(movie(indexed, 0)) + 8
  if (soundAt + soundBytes > MAX_FILE_BYTES) throw new Error('An MP4 file of more than 4 GB')
  return Buffer.concat([...type, ...movie(indexed, soundAt), ...boxHeader('mdat', 8 + soundBytes)])
}

/** With the longest of the tables, made once. */
interface IndexedContents extends Mp4Contents {
  sizeTable: Pieces
}

function movie(contents: IndexedContents, soundAt: number): Pieces {
  const played = playedSamples(contents)
  const header = fullBox(
    'mvhd',
    0,
    0,
    u32(0, 0, OPUS_RATE_HZ, played, 0x00010000),
    u16(0x0100, 0),
    u32(0, 0),
    unityMatrix(),
    u32(0, 0, 0, 0, 0, 0, 2),
  )
  return box('moov', header, track(contents, played, soundAt))
}

function track(contents: IndexedContents, played: number, soundAt: number): Pieces {
  const enabledInMovie = 3
  const header = fullBox(
    'tkhd',
    0,
    enabledInMovie,
    u32(0, 0, 1, 0, played, 0, 0),
    u16(0, 0, 0x0100, 0),
    unityMatrix(),
    u32(0, 0),
  )
  // The encoder's delay is not played.
  const edit = box('edts', fullBox('elst', 0, 0, u32(1, played, contents.preSkip), u16(1, 0)))
  return box('trak', header, edit, media(contents, soundAt))
}

function media(contents: IndexedContents, soundAt: number): Pieces {
  const undetermined = 0x55c4
  const encoded = contents.sizes.length * PACKET_SAMPLES
  const information = box(
    'minf',
    fullBox('smhd', 0, 0, u16(0, 0)),
    box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
    sampleTable(contents, soundAt),
  )
  return box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, OPUS_RATE_HZ, encoded), u16(undetermined, 0)),
    fullBox('hdlr', 0, 0, u32(0), text('soun'), u32(0, 0, 0), text('Sound\0')),
    information,
  )
}

function sampleTable({ sizes, preSkip, sizeTable }: IndexedContents, soundAt: number): Pieces {
  const count = sizes.length
  return box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry(preSkip)),
    fullBox('stts', 0, 0, u32(1, count, PACKET_SAMPLES)),
    chunkLengths(count),
    fullBox('stsz', 0, 0, u32(0, count), sizeTable),
    fullBox('stco', 0, 0, chunkPlaces(sizes, soundAt)),
    fullBox('sgpd', 1, 0, text('roll'), u32(2, 1), u16(-ROLL_PACKETS)),
    fullBox('sbgp', 0, 0, text('roll'), u32(1, count, 1)),
  )
}

function sampleEntry(preSkip: number): Pieces {
  const channels = 1
  const specific = box('dOps', u8(0, channels), u16(preSkip), u32(OPUS_RATE_HZ), u16(0), u8(0))
  return box('Opus', u16(0, 0, 0, 1), u32(0, 0), u16(channels, 16, 0, 0), u32(OPUS_RATE_HZ * 0x10000), specific)
}

/** Chunks of one length, and a shorter one at the end. */
function chunkLengths(count: number): Pieces {
  const whole = Math.floor(count / CHUNK_PACKETS)
  const rest = count % CHUNK_PACKETS
  const runs = [...(whole > 0 ? [[1, CHUNK_PACKETS, 1]] : []), ...(rest > 0 ? [[whole + 1, rest, 1]] : [])]
  return fullBox('stsc', 0, 0, u32(runs.length, ...runs.flat()))
}

function sizeTable(sizes: Uint16Array): Uint8Array {
  const bytes = Buffer.alloc(sizes.length * 4)
  for (let i = 0; i < sizes.length; i++) bytes.writeUInt32BE(sizes[i] as number, i * 4)
  return bytes
}

function chunkPlaces(sizes: Uint16Array, soundAt: number): Pieces {
  const count = Math.ceil(sizes.length / CHUNK_PACKETS)
  const bytes = Buffer.alloc(4 + count * 4)
  bytes.writeUInt32BE(count)
  let at = soundAt
  for (let i = 0; i < sizes.length; i++) {
    if (i % CHUNK_PACKETS === 0) bytes.writeUInt32BE(at, 4 + (i / CHUNK_PACKETS) * 4)
    at += sizes[i] as number
  }
  return [bytes]
}

function unityMatrix(): Pieces {
  return u32(0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000)
}
