// Pages of the Ogg container, RFC 3533, section 6.

const HEADER_BYTES = 27
export const MAX_SEGMENTS = 255
/** A page on which no packet ends says so in place of its position. */
const NO_POSITION = 0xffff_ffff_ffff_ffffn

export const CONTINUED = 1
export const FIRST = 2
export const LAST = 4

export interface OggPage {
  flags: number
  /** Samples up to the end of the last packet that ends here; undefined where none does. */
  position: number | undefined
  serial: number
  sequence: number
  /** Lengths of the segments; a packet ends with the first one below 255. */
  lacing: Uint8Array
  body: Uint8Array
}

export function encodePage(page: OggPage): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + page.lacing.length + page.body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x4f676753)
  bytes[5] = page.flags
  view.setBigUint64(6, page.position === undefined ? NO_POSITION : BigInt(page.position), true)
  view.setUint32(14, page.serial, true)
  view.setUint32(18, page.sequence, true)
  bytes[26] = page.lacing.length
  bytes.set(page.lacing, HEADER_BYTES)
  bytes.set(page.body, HEADER_BYTES + page.lacing.length)
  view.setUint32(22, checksumOf(bytes), true)
  return bytes
}

/** The page that begins at an offset and where the next one begins; undefined if there is no whole and sound page. */
export function decodePage(bytes: Uint8Array, offset: number): { page: OggPage; next: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (offset + HEADER_BYTES > bytes.length) return undefined
  if (view.getUint32(offset) !== 0x4f676753 || bytes[offset + 4] !== 0) return undefined
  const bodyAt = offset + HEADER_BYTES + (bytes[offset + 26] ?? 0)
  const lacing = bytes.subarray(offset + HEADER_BYTES, bodyAt)
  const next = bodyAt + lacing.reduce((sum, length) => sum + length, 0)
  if (next > bytes.length) return undefined
  if (checksumOf(bytes.subarray(offset, next)) !== view.getUint32(offset + 22, true)) return undefined
  const position = view.getBigUint64(offset + 6, true)
  const page: OggPage = {
    flags: bytes[offset + 5] ?? 0,
    position: position === NO_POSITION ? undefined : Number(position),
    serial: view.getUint32(offset + 14, true),
    sequence: view.getUint32(offset + 18, true),
    lacing,
    body: bytes.subarray(bodyAt, next),
  }
  return { page, next }
}

const CHECKSUM_AT = 22
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? 0x04c11db7 : 0)
  return remainder >>> 0
})

/** CRC-32 of a page with the checksum's own four bytes taken as zero; neither reflected nor inverted. */
function checksumOf(page: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CHECKSUM_AT && i < CHECKSUM_AT + 4 ? 0 : (page[i] as number)
    sum = ((sum << 8) ^ (table[(sum >>> 24) ^ byte] as number)) >>> 0
  }
  return sum
}
