import { LONGEST_AUDIO_MS, SAMPLE_RATE } from './provider.ts'

// 30 dB below a whisper into a headset: what is left is the noise of the microphone.
const SILENCE_RMS = 0.000_3
const SILENCE_PEAK = 0.003

/** Throws a `RangeError` for audio that no provider is to be given: its caller has a bug. */
export function checkAudio(audio: Float32Array): void {
  const longest = (LONGEST_AUDIO_MS / 1000) * SAMPLE_RATE
  if (audio.length > longest) {
    throw new RangeError(`Audio of ${audio.length} samples was to be transcribed, and at most ${longest} can be`)
  }
}

/** Whether nothing at all can be heard, so that nobody need be asked what was said. */
export function isSilent(audio: Float32Array): boolean {
  let peak = 0
  for (const sample of audio) peak = Math.max(peak, Math.abs(sample))
  return peak < SILENCE_PEAK || rmsOf(audio) < SILENCE_RMS
}

/** The loudness of audio as a root mean square, 0 to 1; 0 for none. */
export function rmsOf(audio: Float32Array): number {
  let sum = 0
  for (const sample of audio) sum += sample * sample
  return audio.length === 0 ? 0 : Math.sqrt(sum / audio.length)
}
