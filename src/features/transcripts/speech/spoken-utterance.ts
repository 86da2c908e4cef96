import { SAMPLE_RATE } from './provider.ts'
import { FRAME_SAMPLES } from './voice-activity.ts'

/** One person's continuous speech. */
export interface SpokenUtterance {
  samples: Float32Array
  /** On the time line of the frames that were pushed. */
  startMs: number
  endMs: number
  /** `length`: it goes on in the next one. `gap`: the audio itself stopped. */
  endedBy: 'pause' | 'length' | 'gap'
}

export interface RatedFrame {
  samples: Float32Array
  startMs: number
  isSpeech: boolean
}

/** Undefined where there is less speech than a click lasts, or, in the rest of something longer, none at all. */
export function toUtterance(
  frames: readonly RatedFrame[],
  endedBy: SpokenUtterance['endedBy'],
  isRest: boolean,
): SpokenUtterance | undefined {
  const [first] = frames
  const speechCount = frames.reduce((count, frame) => count + (frame.isSpeech ? 1 : 0), 0)
  if (!first || speechCount < (isRest ? 1 : FEWEST_SPEECH_FRAMES)) return undefined
  const samples = new Float32Array(frames.length * FRAME_SAMPLES)
  for (const [i, frame] of frames.entries()) samples.set(frame.samples, i * FRAME_SAMPLES)
  return { samples, startMs: first.startMs, endMs: first.startMs + (samples.length / SAMPLE_RATE) * 1000, endedBy }
}

/** About 100 ms: the shortest word is longer. */
const FEWEST_SPEECH_FRAMES = 3
