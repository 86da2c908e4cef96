import { PROGRAM_NAME } from '../../base/version.ts'
import { samplesOf } from '../opus/opus-packet.ts'
import { OPUS_RATE_HZ } from '../opus/packet-length.ts'
import { CONTINUED, encodePage, FIRST, LAST, MAX_SEGMENTS } from './ogg-page.ts'

interface OggOpusOptions {
  /** Samples at 48 kHz that a player drops at the start: the encoder's delay, where the packets begin with it. */
  preSkip?: number
  /** Tells streams in one file apart. */
  serial?: number
}

/** One mono Ogg Opus stream (RFC 7845) of some packets, to be kept or handed on as a whole. Throws if one of them is no Opus packet. */
export function writeOggOpus(packets: readonly Uint8Array[], options: OggOpusOptions = {}): Uint8Array {
  const pages = new PageWriter(options.serial ?? 1)
  pages.add(opusHead(options.preSkip ?? 0), 0)
  pages.flush(FIRST)
  pages.add(opusTags(), 0)
  pages.flush(packets.length === 0 ? LAST : 0)
  let position = 0
  for (const packet of packets) {
    const samples = samplesOf(packet)
    if (samples === undefined) throw new Error('Not an Opus packet')
    position += samples
    pages.add(packet, position)
  }
  pages.flush(LAST)
  return Buffer.concat(pages.done)
}

/** Gathers packets into pages; a packet is split only if it alone is more than a page can hold. */
class PageWriter {
  readonly done: Uint8Array[] = []
  readonly #serial: number
  #lacing: number[] = []
  #body: Uint8Array[] = []
  #position: number | undefined
  #isContinued = false

  constructor(serial: number) {
    this.#serial = serial
  }

  add(packet: Uint8Array, position: number): void {
    if (this.#lacing.length + segmentCount(packet) > MAX_SEGMENTS) this.flush(0)
    let rest = packet
    for (; segmentCount(rest) > MAX_SEGMENTS; rest = rest.subarray(MAX_SEGMENTS * 255)) {
      this.#lacing.push(...new Array<number>(MAX_SEGMENTS).fill(255))
      this.#body.push(rest.subarray(0, MAX_SEGMENTS * 255))
      this.flush(0)
      this.#isContinued = true
    }
    this.#lacing.push(...new Array<number>(segmentCount(rest) - 1).fill(255), rest.length % 255)
    this.#body.push(rest)
    this.#position = position
  }

  flush(flags: number): void {
    if (this.#lacing.length === 0) return
    const page = {
      flags: flags | (this.#isContinued ? CONTINUED : 0),
      position: this.#position,
      serial: this.#serial,
      sequence: this.done.length,
      lacing: Uint8Array.from(this.#lacing),
      body: Buffer.concat(this.#body),
    }
    this.done.push(encodePage(page))
    this.#lacing = []
    this.#body = []
    this.#position = undefined
    this.#isContinued = false
  }
}

/** A length that 255 divides ends with an empty segment. */
function segmentCount(packet: Uint8Array): number {
  return Math.floor(packet.length / 255) + 1
}

function opusHead(preSkip: number): Uint8Array {
  const head = Buffer.alloc(19)
  head.write('OpusHead')
  head.writeUInt8(1, 8)
  head.writeUInt8(1, 9)
  head.writeUInt16LE(preSkip, 10)
  head.writeUInt32LE(OPUS_RATE_HZ, 12)
  return head
}

function opusTags(): Uint8Array {
  const tags = Buffer.alloc(8 + 4 + PROGRAM_NAME.length + 4)
  tags.write('OpusTags')
  tags.writeUInt32LE(PROGRAM_NAME.length, 8)
  tags.write(PROGRAM_NAME, 12)
  return tags
}
