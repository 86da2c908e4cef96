import { createSpeechSegmentation } from './segment-speech.ts'
import type { SpokenUtterance } from './spoken-utterance.ts'
import { createTimeline, type Stretch } from './timeline.ts'
import { createEnergyDetector, type VoiceActivityDetector } from './voice-activity.ts'

interface UtteranceSegmenterOptions {
  /** Waited for before what comes after is looked at; what it throws is thrown by the call that brought the audio. */
  onUtterance(utterance: SpokenUtterance): void | Promise<void>
  /** One person's own, from `SileroModel.createDetector`. By loudness alone if not given. */
  detector?: VoiceActivityDetector
}

/**
 * Cuts one person's audio into utterances of at most 30 s, each about 0.7 s after the person stopped. Times are those of the audio
 * and no clock is looked at: the same audio in other pieces gives the same utterances. Calls may be made without waiting for the one before.
 */
export interface UtteranceSegmenter {
  /** 16 kHz mono of any length, and when it began in milliseconds. The samples are copied before this returns. */
  push(samples: Float32Array, startMs: number): Promise<void>
  /** Says that no audio from before `untilMs` is coming any more, so that speech before a gap need not wait for its end. */
  advance(untilMs: number): Promise<void>
  /** Closes what is being spoken. More may follow. */
  end(): Promise<void>
}

export function createUtteranceSegmenter(options: UtteranceSegmenterOptions): UtteranceSegmenter {
  const detector = options.detector ?? createEnergyDetector()
  const timeline = createTimeline()
  const segmentation = createSpeechSegmentation()
  let last: Promise<void> = Promise.resolve()

  const follow = async (stretch: Stretch): Promise<SpokenUtterance | undefined> => {
    if (stretch.kind === 'frame') {
      return segmentation.offer(stretch.samples, stretch.startMs, await detector.rate(stretch.samples))
    }
    detector.reset()
    return segmentation.finish()
  }

  const followAll = (stretches: readonly Stretch[]): Promise<void> => {
    const work = last.then(async () => {
      // One utterance that nobody could take must not cost the audio behind it.
      const failures: unknown[] = []
      for (const stretch of stretches) {
        const utterance = await follow(stretch)
        if (!utterance) continue
        await Promise.resolve(utterance)
          .then(options.onUtterance)
          .catch((error) => failures.push(error))
      }
      if (failures.length > 0) throw failures[0]
    })
    last = work.catch(() => {})
    return work
  }

  return {
    push: (samples, startMs) => followAll(timeline.push(samples, startMs)),
    advance: (untilMs) => followAll(timeline.advance(untilMs)),
    end: () => followAll(timeline.end()),
  }
}
