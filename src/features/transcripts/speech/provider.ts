import { WIDEBAND_RATE_HZ } from '../../../formats/opus/packet-length.ts'

/** What every provider is given: mono, this many samples a second, at most this long. */
export const SAMPLE_RATE = WIDEBAND_RATE_HZ
export const LONGEST_AUDIO_MS = 30_000

export interface TranscribeOptions {
  /** What is spoken, as a BCP 47 tag such as "en" or "de-AT"; the provider finds out where it is missing and it can. */
  language?: string
  /** Aborting rejects with its reason, at once, also while the audio is being worked on. */
  signal?: AbortSignal
}

export interface SpokenWord {
  text: string
  /** From the beginning of the audio, in milliseconds. */
  startMs: number
  endMs: number
}

export interface SpeechResult {
  /** Empty where nothing was said or nothing can be relied on; `reason` says which. */
  text: string
  /** How sure the provider is, 0 to 1. One that never says answers 1, so that its text is taken as it is. */
  confidence: number
  /** Null where it is not known, or not one that the provider understands. */
  language: string | null
  /** Set only with an empty text. `other_language`: somebody speaks, but not clearly or not in a language that is understood. */
  reason?: 'no_speech' | 'other_language'
  /** Only from providers that know. */
  words?: readonly SpokenWord[]
}

/** Turns speech into text. Falls behind under load and never drops: what is handed in is answered or fails, in order of arrival. */
export interface SpeechProvider extends AsyncDisposable {
  readonly name: string
  /** How much was handed in and is not answered yet. */
  readonly pending: number
  /** Settles once handing in more makes sense; a caller who asks first need not hold audio in memory that nobody can take yet. */
  whenRoom(signal?: AbortSignal): Promise<void>
  /** Throws an `AppError`, of which `retry` says whether the same audio may succeed later; a `RangeError` for audio beyond the limits. */
  transcribe(audio: Float32Array, options?: TranscribeOptions): Promise<SpeechResult>
}
