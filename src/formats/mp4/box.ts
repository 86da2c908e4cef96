// Boxes of the ISO base media file format, ISO/IEC 14496-12. All numbers are big-endian.

/** Bytes in pieces, so that an index of megabytes is not copied again for every box around it. */
export type Pieces = readonly Uint8Array[]

/** A box: its length, its four letters, its contents. */
export function box(type: string, ...contents: readonly Pieces[]): Pieces {
  const pieces = contents.flat()
  return [...boxHeader(type, 8 + lengthOf(pieces)), ...pieces]
}

/** A box that begins with a version and flags. */
export function fullBox(type: string, version: number, flags: number, ...contents: readonly Pieces[]): Pieces {
  return box(type, u32((version << 24) | flags), ...contents)
}

/** The first eight bytes of a box whose length, these included, is known. */
export function boxHeader(type: string, length: number): Pieces {
  return [...u32(length), ...text(type)]
}

export function lengthOf(pieces: Pieces): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

export function u8(...values: readonly number[]): Pieces {
  return [Uint8Array.from(values)]
}

export function u16(...values: readonly number[]): Pieces {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, i * 2)
  return [bytes]
}

export function u32(...values: readonly number[]): Pieces {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, i * 4)
  return [bytes]
}

export function text(letters: string): Pieces {
  return [Buffer.from(letters, 'latin1')]
}

/** The contents of the first box of a type among boxes that lie side by side. */
export function findBox(boxes: Uint8Array, type: string): Uint8Array | undefined {
  const view = new DataView(boxes.buffer, boxes.byteOffset, boxes.byteLength)
  for (let at = 0; at + 8 <= boxes.length; ) {
    const length = view.getUint32(at)
    if (length < 8 || at + length > boxes.length) return undefined
    if (Buffer.from(boxes.buffer, boxes.byteOffset + at + 4, 4).toString('latin1') === type) {
      return boxes.subarray(at + 8, at + length)
    }
    at += length
  }
  return undefined
}
