import { createBreather } from '../../base/breather.ts'
import { AppError } from '../../base/errors.ts'
import { createFrameWalker, type SoundFrame } from './walk-frames.ts'

/** What is held back of a file's end before it is given up; some hour of speech. */
const HELD_BYTES = 64 * 1024 * 1024
/** Looked through at once; others have their turn between. */
const STEP_BYTES = 64 * 1024
/** What begins with so much of something else is no MP3. */
const LOST_AT_FIRST_BYTES = 64 * 1024

/** Where a file is cut. */
interface Cut {
  /** Of the file's own time, from its beginning. */
  keepMs: number
  /** At least so much of its end is left out: where the file is shorter than the time it was made in, nobody knows where it stood still. */
  dropLastMs: number
}

/**
 * The first frames of an MP3 file: sound that is whole before the cut, without tags and without what describes the file as it was. Reads the file to
 * its end, in pieces. Throws `media_uncut` for what is no MP3 whose frames can be told apart, and whatever reading `content` throws.
 */
export async function* cutMp3(
  content: AsyncIterable<Uint8Array>,
  { keepMs, dropLastMs }: Cut,
): AsyncGenerator<Uint8Array> {
  const walker = createFrameWalker()
  const held: { bytes: Uint8Array; endMs: number }[] = []
  let totalMs = 0
  let heldBytes = 0
  let frameBytes = 0

  function take(frames: readonly SoundFrame[]): Uint8Array[] {
    for (const { bytes, durationMs } of frames) {
      totalMs += durationMs
      frameBytes += bytes.length
      if (totalMs > keepMs) continue
      held.push({ bytes, endMs: totalMs })
      heldBytes += bytes.length
    }
    const isOut = held.findIndex(({ endMs }) => endMs > totalMs - dropLastMs)
    const given = held.splice(0, isOut === -1 ? held.length : isOut).map(({ bytes }) => bytes)
    heldBytes -= given.reduce((sum, bytes) => sum + bytes.length, 0)
    const mayBeLost = frameBytes === 0 ? LOST_AT_FIRST_BYTES : HELD_BYTES
    if (heldBytes > HELD_BYTES || walker.lostBytes > mayBeLost) throw uncut()
    return given
  }

  const breathe = createBreather()
  for await (const piece of content) {
    for (let at = 0; at < piece.length; at += STEP_BYTES) {
      const given = take(walker.push(piece.subarray(at, at + STEP_BYTES)))
      if (given.length > 0) yield Buffer.concat(given)
      await breathe()
    }
  }
  const given = take(walker.end())
  // What is mostly something else is no file of frames, whatever was found in it.
  if (frameBytes === 0 || walker.lostBytes > frameBytes) throw uncut()
  if (given.length > 0) yield Buffer.concat(given)
}

function uncut(): AppError {
  return new AppError('media_uncut', 'This is no MP3 file that can be cut.')
}
