/** One frame of MPEG audio, layer III, as far as its header tells. */
export interface Mp3Frame {
  /** Its length, the header included. */
  sizeBytes: number
  durationMs: number
  /** The same for all frames of one stream. */
  kind: string
  /** Where a frame that describes the whole file, and holds no sound, says so. */
  infoAt: readonly number[]
}

/** By the two bits of the version; the second is reserved. */
const VERSIONS = [
  { samples: 576, rates: [11_025, 12_000, 8_000], bitrates: 'low' },
  undefined,
  { samples: 576, rates: [22_050, 24_000, 16_000], bitrates: 'low' },
  { samples: 1_152, rates: [44_100, 48_000, 32_000], bitrates: 'high' },
] as const
/** In thousands of bits a second; the first stands for "free", which tells no length. */
const BITRATES = {
  low: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  high: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
}
const LAYER_III = 1
const MONO = 3

export const HEADER_BYTES = 4

/**
 * Reads the header of a frame at a place; undefined where there is none of layer III whose length is known, or its four bytes are not all there.
 * ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; 13818-3 for the lower rates.
 */
export function readFrameHeader(bytes: Uint8Array, at: number): Mp3Frame | undefined {
  if (bytes[at] !== 0xff) return undefined
  const [second, third, fourth] = [bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  if (second === undefined || third === undefined || fourth === undefined) return undefined
  if (second >> 5 !== 7 || ((second >> 1) & 3) !== LAYER_III) return undefined
  const version = VERSIONS[(second >> 3) & 3]
  const rate = version?.rates[(third >> 2) & 3]
  const kilobits = version && BITRATES[version.bitrates][third >> 4]
  if (!version || !rate || !kilobits) return undefined
  const sizeBytes = Math.floor((version.samples * kilobits * 125) / rate) + ((third >> 1) & 1)
  return {
    sizeBytes,
    durationMs: (version.samples * 1_000) / rate,
    kind: `${second >> 1} ${rate}`,
    infoAt: listInfoPlaces(version.bitrates === 'high', fourth >> 6 === MONO),
  }
}

/** After the side information, with or without a checksum before it, as LAME writes it; 32 bytes after the header, as Fraunhofer's encoder does. */
function listInfoPlaces(isHigh: boolean, isMono: boolean): number[] {
  const sideBytes = isHigh ? (isMono ? 17 : 32) : isMono ? 9 : 17
  return [HEADER_BYTES + sideBytes, HEADER_BYTES + 2 + sideBytes, HEADER_BYTES + 32]
}
