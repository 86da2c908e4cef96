import { rmsOf } from './check-audio.ts'

/** How many samples are judged at a time: 32 ms, the only length that Silero's model takes. */
export const FRAME_SAMPLES = 512

// What is softer is silence for everybody: about -64 dB of full scale, far below a muted room.
const GATE_RMS = 0.000_6

/** Says for one person's audio, frame by frame and in order, how likely it holds speech. */
export interface VoiceActivityDetector {
  /** 0 to 1, for a frame of `FRAME_SAMPLES`. */
  rate(frame: Float32Array): number | Promise<number>
  /** Forgets what came before: the next frame does not follow the last one. */
  reset(): void
}

/** Whether a frame is so soft that no model need be asked. */
export function isBelowGate(frame: Float32Array): boolean {
  return rmsOf(frame) < GATE_RMS
}

const LOUDER_THAN_NOISE = 3
const HIGHEST_NOISE_RMS = 0.02

/**
 * A detector by loudness alone, for when the model of voices is missing: what is clearly louder than the noise before it. It takes
 * noise that begins suddenly for speech, until it has got used to it.
 */
export function createEnergyDetector(): VoiceActivityDetector {
  let noise = GATE_RMS
  return {
    rate: (frame) => {
      const rms = rmsOf(frame)
      const isSpeech = rms > GATE_RMS && rms > noise * LOUDER_THAN_NOISE
      // During speech the noise is believed to rise too, by a decibel a second, or a fan that starts would be speech for ever.
      const next = isSpeech ? noise * 1.003_5 : noise + (rms - noise) * 0.1
      noise = Math.min(HIGHEST_NOISE_RMS, Math.max(GATE_RMS / LOUDER_THAN_NOISE, next))
      return isSpeech ? 1 : 0
    },
    reset: () => {
      noise = GATE_RMS
    },
  }
}
