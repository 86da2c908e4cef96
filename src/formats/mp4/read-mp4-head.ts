import { AppError } from '../../base/errors.ts'
import { findBox } from './box.ts'
import type { Mp4Contents } from './write-mp4-head.ts'

export interface Mp4Head extends Mp4Contents {
  /** Where the first packet stands. */
  soundAt: number
}

/** Reads some bytes of a file. */
type ReadBytes = (start: number, end: number) => Promise<Uint8Array>

/** What stands in a file that `writeMp4Head` began. Throws `mp4_damaged` for any other. */
export async function readMp4Head(read: ReadBytes): Promise<Mp4Head> {
  const typeLength = await boxLength(read, 0, 'ftyp')
  const movieLength = await boxLength(read, typeLength, 'moov')
  await boxLength(read, typeLength + movieLength, 'mdat')
  const movie = findBox(await read(typeLength, typeLength + movieLength), 'moov')
  const table = movie && descend(movie, 'trak', 'mdia', 'minf', 'stbl')
  const lengths = table && findBox(table, 'stsz')
  const entry = table && findBox(table, 'stsd')
  if (!lengths || !entry) throw damaged()
  const specific = findBox(entry.subarray(8 + 8 + 28), 'dOps')
  if (!specific) throw damaged()
  return {
    sizes: readSizes(lengths),
    preSkip: viewOf(specific).getUint16(2),
    soundAt: typeLength + movieLength + 8,
  }
}

function readSizes(contents: Uint8Array): Uint16Array {
  const view = viewOf(contents)
  const count = view.getUint32(8)
  if (view.getUint32(4) !== 0 || contents.length !== 12 + count * 4) throw damaged()
  return Uint16Array.from({ length: count }, (_, i) => view.getUint32(12 + i * 4))
}

async function boxLength(read: ReadBytes, at: number, type: string): Promise<number> {
  const header = await read(at, at + 8)
  if (header.length < 8 || Buffer.from(header).toString('latin1', 4) !== type) throw damaged()
  return viewOf(header).getUint32(0)
}

function descend(boxes: Uint8Array, ...path: readonly string[]): Uint8Array | undefined {
  return path.reduce<Uint8Array | undefined>((inside, type) => inside && findBox(inside, type), boxes)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function damaged(): AppError {
  return new AppError('mp4_damaged', 'This is not an MP4 file that this program wrote.')
}
