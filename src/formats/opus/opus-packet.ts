import { OPUS_RATE_HZ, PACKET_SAMPLES } from './packet-length.ts'

/** More than one frame of 20 ms can take (RFC 6716, section 3.2.1). */
const MAX_PACKET_BYTES = 1_275

/** By how much libopus delays sound, in samples at 48 kHz; a stream's first packet begins with it. */
export const ENCODER_DELAY_SAMPLES = 312

/** A packet of silence, mono: full-band CELT with the "silence" flag set, which is how libopus itself encodes a frame of zeros. */
export const SILENCE: Uint8Array = Uint8Array.of(0xf8, 0xff, 0xfe)

const SILK_MS = [10, 20, 40, 60]
const HYBRID_MS = [10, 20]
const CELT_MS = [2.5, 5, 10, 20]

/** How many samples a packet lasts, from its first byte or two (RFC 6716, section 3.1); undefined if it is no Opus packet. */
export function samplesOf(packet: Uint8Array): number | undefined {
  const toc = packet[0]
  if (toc === undefined) return undefined
  const frames = framesOf(toc, packet[1])
  const samples = frames * frameMs(toc >> 3) * (OPUS_RATE_HZ / 1_000)
  return samples > 0 && samples <= 120 * (OPUS_RATE_HZ / 1_000) ? samples : undefined
}

/** Whether these bytes can be a packet of the regular length, `PACKET_MS`. */
export function isRegularPacket(packet: Uint8Array): boolean {
  return packet.length <= MAX_PACKET_BYTES && samplesOf(packet) === PACKET_SAMPLES
}

function framesOf(toc: number, second: number | undefined): number {
  const code = toc & 3
  if (code === 0) return 1
  if (code < 3) return 2
  return (second ?? 0) & 0x3f
}

function frameMs(config: number): number {
  if (config < 12) return SILK_MS[config & 3] ?? 0
  if (config < 16) return HYBRID_MS[config & 1] ?? 0
  return CELT_MS[config & 3] ?? 0
}
