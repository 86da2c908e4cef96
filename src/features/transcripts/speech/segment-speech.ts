import { findQuietestCut } from './find-quietest-cut.ts'
import { LONGEST_AUDIO_MS, SAMPLE_RATE } from './provider.ts'
import { type RatedFrame, type SpokenUtterance, toUtterance } from './spoken-utterance.ts'
import { FRAME_SAMPLES } from './voice-activity.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
const framesIn = (ms: number) => Math.floor(ms / FRAME_MS)

const LONGEST = framesIn(LONGEST_AUDIO_MS)
/** Kept before and after speech: voices begin softly, and the detector notices a little late. */
const MARGIN = framesIn(225)
const PAUSE = framesIn(710)
const SHORTEST_PAUSE = framesIn(260)
// From here on shorter and shorter pauses will do, so that hardly anybody is cut within a sentence.
const LONG = framesIn(12_000)
const VERY_LONG = framesIn(24_000)
const CUT_FROM = framesIn(18_000)

const SPEECH_BEGINS = 0.5
const SPEECH_GOES_ON = 0.35

/** Cuts a row of frames into utterances. Each frame that is speech is in exactly one of them, unless it is a mere click. */
interface SpeechSegmentation {
  offer(samples: Float32Array, startMs: number, probability: number): SpokenUtterance | undefined
  /** The audio stops here. */
  finish(): SpokenUtterance | undefined
}

export function createSpeechSegmentation(): SpeechSegmentation {
  /** Silence that may become the margin before speech, or the utterance that is being spoken. */
  let frames: RatedFrame[] = []
  let isSpeaking = false
  let silentFrames = 0
  let isRest = false

  /** The utterance without the silence after its margin, which becomes the margin before the next one. */
  const closeAtPause = (endedBy: 'pause' | 'gap'): SpokenUtterance | undefined => {
    const end = frames.length - Math.max(0, silentFrames - MARGIN)
    const utterance = toUtterance(frames.slice(0, end), endedBy, isRest)
    isRest = false
    frames = frames.slice(end).slice(-MARGIN)
    isSpeaking = false
    return utterance
  }

  const cutTooLong = (): SpokenUtterance | undefined => {
    const cut = findQuietestCut(frames, CUT_FROM)
    const utterance = toUtterance(frames.slice(0, cut), 'length', isRest)
    isRest = true
    frames = frames.slice(cut)
    silentFrames = Math.min(silentFrames, frames.length)
    return utterance
  }

  return {
    offer: (samples, startMs, probability) => {
      const isSpeech = probability >= (isSpeaking ? SPEECH_GOES_ON : SPEECH_BEGINS)
      frames.push({ samples, startMs, isSpeech })
      silentFrames = isSpeech ? 0 : silentFrames + 1
      isSpeaking ||= isSpeech
      if (!isSpeaking) {
        frames = frames.slice(-MARGIN)
        return undefined
      }
      if (silentFrames >= pauseAfter(frames.length)) return closeAtPause('pause')
      return frames.length >= LONGEST ? cutTooLong() : undefined
    },
    finish: () => {
      const utterance = isSpeaking ? closeAtPause('gap') : undefined
      frames = []
      silentFrames = 0
      return utterance
    },
  }
}

/** How many silent frames end an utterance of so many frames. */
function pauseAfter(length: number): number {
  const share = Math.min(1, Math.max(0, (length - LONG) / (VERY_LONG - LONG)))
  return Math.round(PAUSE - share * (PAUSE - SHORTEST_PAUSE))
}
