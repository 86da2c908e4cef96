/** Opus always counts time at 48 kHz, whatever was encoded (RFC 7845, section 4). */
export const OPUS_RATE_HZ = 48_000
/** Everything we record is cut into packets of this length. */
export const PACKET_MS = 20
export const PACKET_SAMPLES = (OPUS_RATE_HZ / 1_000) * PACKET_MS
/** More than one frame of 20 ms can take (RFC 6716, section 3.2.1); what is larger is no packet of ours. */
const MAX_PACKET_BYTES = 1_275

/** 20 ms of silence, mono: full-band CELT with the "silence" flag set, which is how libopus itself encodes a frame of zeros. */
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

/** Whether a packet is of the one kind that we store. */
export function isStorable(packet: Uint8Array): boolean {
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
