import { HEADER_BYTES, type Mp3Frame, readFrameHeader } from './read-frame-header.ts'

/** A frame with its bytes. */
export interface SoundFrame {
  bytes: Uint8Array
  durationMs: number
}

/** Finds the frames of sound in the bytes of an MP3 file, piece by piece. */
interface FrameWalker {
  /** The frames that are whole by now. */
  push(piece: Uint8Array): SoundFrame[]
  /** Those of them that only the end of the file tells. */
  end(): SoundFrame[]
  /** Bytes that are no frame and no tag. */
  readonly lostBytes: number
}

const TAG_HEAD_BYTES = 10
const INFO_NAMES = ['Xing', 'Info', 'VBRI']

/**
 * Walks from frame to frame. Tags, and frames that describe the whole file, are left out, since they speak of what it was; so is whatever else stands
 * between frames: there a frame counts only where another one of its kind follows it. Pure, but for what it keeps between pieces.
 */
export function createFrameWalker(): FrameWalker {
  let rest: Uint8Array = new Uint8Array()
  let tagBytesLeft = 0
  let lastKind: string | undefined
  let lostBytes = 0

  /** `more`: the file goes on behind what is here. */
  function walk(more: boolean): SoundFrame[] {
    const found: SoundFrame[] = []
    let at = 0
    while (at < rest.length) {
      if (tagBytesLeft > 0) {
        const skipped = Math.min(tagBytesLeft, rest.length - at)
        tagBytesLeft -= skipped
        at += skipped
        continue
      }
      if (more && rest.length - at < TAG_HEAD_BYTES) break
      const frame = readFrameHeader(rest, at)
      const verdict = frame && judge(frame, at, more)
      if (verdict === 'later') break
      if (frame && verdict === 'frame') {
        const bytes = rest.slice(at, at + frame.sizeBytes)
        if (!describesFile(frame, bytes)) found.push({ bytes, durationMs: frame.durationMs })
        lastKind = frame.kind
        at += frame.sizeBytes
        continue
      }
      tagBytesLeft = tagBytesAt(rest, at)
      if (tagBytesLeft > 0) continue
      lastKind = undefined
      lostBytes++
      at++
    }
    rest = rest.slice(at)
    return found
  }

  function judge(frame: Mp3Frame, at: number, more: boolean): 'frame' | 'later' | 'none' {
    const end = at + frame.sizeBytes
    if (end > rest.length) return more ? 'later' : 'none'
    if (frame.kind === lastKind) return 'frame'
    if (end + HEADER_BYTES > rest.length) return more ? 'later' : end === rest.length ? 'frame' : 'none'
    return readFrameHeader(rest, end)?.kind === frame.kind ? 'frame' : 'none'
  }

  return {
    push(piece) {
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      return walk(true)
    },
    end: () => walk(false),
    get lostBytes() {
      return lostBytes
    },
  }
}

/** How long the ID3v2 tag is that begins at a place; 0 where none does. id3.org, "ID3 tag version 2.4.0", 3.1. */
function tagBytesAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x49) return 0
  const head = bytes.subarray(at, at + TAG_HEAD_BYTES)
  if (head.length < TAG_HEAD_BYTES || textOf(head, 0, 3) !== 'ID3') return 0
  const size = head.subarray(6)
  if (size.some((byte) => byte > 0x7f)) return 0
  const hasFooter = ((head[5] ?? 0) & 0x10) !== 0
  return size.reduce((sum, byte) => sum * 128 + byte, 0) + TAG_HEAD_BYTES * (hasFooter ? 2 : 1)
}

function describesFile({ infoAt }: Mp3Frame, bytes: Uint8Array): boolean {
  return infoAt.some((at) => INFO_NAMES.includes(textOf(bytes, at, at + 4)))
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}
