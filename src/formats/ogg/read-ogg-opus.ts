import { AppError } from '../../base/errors.ts'
import { samplesOf } from '../opus/opus-packet.ts'
import { OPUS_RATE_HZ } from '../opus/packet-length.ts'
import { CONTINUED, decodePage, LAST, type OggPage } from './ogg-page.ts'

interface OggOpus {
  /** Views of the bytes that were read, in order. */
  packets: Uint8Array[]
  /** Samples at 48 kHz to drop at the start. */
  preSkip: number
  channels: number
  /** Without what is dropped at the start and trimmed at the end. */
  durationMs: number
}

/** The packets of an Ogg Opus stream (RFC 7845); the first one, where there are several. Throws `ogg_damaged` for anything else or less. */
export function readOggOpus(bytes: Uint8Array): OggOpus {
  const { packets, position } = readStream(bytes)
  const [head, tags, ...audio] = packets
  if (head === undefined || !startsWith(head, 'OpusHead') || head.length < 19 || ((head[8] ?? 0) & 0xf0) !== 0) {
    throw damaged('it has no Opus header')
  }
  if (tags === undefined || !startsWith(tags, 'OpusTags')) throw damaged('it has no Opus tags')
  let samples = 0
  for (const packet of audio) {
    const length = samplesOf(packet)
    if (length === undefined) throw damaged('it has something else than Opus packets')
    samples += length
  }
  const preSkip = (head[10] ?? 0) | ((head[11] ?? 0) << 8)
  const played = Math.max(0, Math.min(samples, position) - preSkip)
  return { packets: audio, preSkip, channels: head[9] ?? 1, durationMs: (played * 1_000) / OPUS_RATE_HZ }
}

/** All packets of the first stream and the position at its end. */
function readStream(bytes: Uint8Array): { packets: Uint8Array[]; position: number } {
  const packets: Uint8Array[] = []
  let open: Uint8Array[] = []
  let position = 0
  let last: OggPage | undefined
  for (let offset = 0; offset < bytes.length; ) {
    const found = decodePage(bytes, offset)
    if (!found) throw damaged(`the page at byte ${offset} is cut off or changed`)
    const { page } = found
    offset = found.next
    if (last && page.serial !== last.serial) continue
    if (last && page.sequence !== last.sequence + 1) throw damaged('a page is missing')
    if (open.length > 0 !== ((page.flags & CONTINUED) !== 0)) throw damaged('a packet is cut off')
    open = collectPackets(page, open, packets)
    position = page.position ?? position
    last = page
  }
  if (open.length > 0 || !last || (last.flags & LAST) === 0) throw damaged('its end is missing')
  return { packets, position }
}

/** Adds the packets that end on a page to `packets`; answers the pieces of one that goes on. */
function collectPackets(page: OggPage, begun: Uint8Array[], packets: Uint8Array[]): Uint8Array[] {
  let open = begun
  let start = 0
  let end = 0
  for (const length of page.lacing) {
    end += length
    if (length === 255) continue
    const piece = page.body.subarray(start, end)
    packets.push(open.length === 0 ? piece : Buffer.concat([...open, piece]))
    open = []
    start = end
  }
  // Kept also where it is empty: the packet is open all the same.
  if (page.lacing.at(-1) === 255) open = [...open, page.body.subarray(start)]
  return open
}

function startsWith(packet: Uint8Array, magic: string): boolean {
  return Buffer.from(packet.buffer, packet.byteOffset, Math.min(packet.length, 8)).toString('latin1') === magic
}

function damaged(why: string): AppError {
  return new AppError('ogg_damaged', `This is not a whole Ogg Opus stream: ${why}.`)
}
