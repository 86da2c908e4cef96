import { rmsOf } from './check-audio.ts'
import type { RatedFrame } from './spoken-utterance.ts'

/** Three frames: a hundredth of a second may be quiet within a word, a tenth hardly ever is. */
const WINDOW = 3

/** Before which frame, at `from` or later, speech that has grown too long is cut: in the middle of the quietest tenth of a second. */
export function findQuietestCut(frames: readonly RatedFrame[], from: number): number {
  const loudness = frames.map(({ samples }) => rmsOf(samples))
  let quietest = Number.POSITIVE_INFINITY
  let cut = frames.length
  for (let i = from; i + WINDOW <= frames.length; i++) {
    const sum = loudness.slice(i, i + WINDOW).reduce((a, b) => a + b, 0)
    // The latest of equally quiet ones: fewer cuts in all.
    if (sum <= quietest) {
      quietest = sum
      cut = i + Math.ceil(WINDOW / 2)
    }
  }
  return cut
}
