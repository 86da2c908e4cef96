/** What the process that hears is sent. */
export interface Hear {
  id: number
  audio: Float32Array
}

/** What was heard, before anybody judged it. */
export interface Heard {
  text: string
  tokenCount: number
  /** The geometric mean of the probabilities of all tokens, the ending one included. */
  probability: number
  /** It began to repeat itself, and was cut there. */
  isRepeating: boolean
  /** It had not come to an end when the length of the audio said it must have. */
  isCutShort: boolean
}

/** What that process answers. `failed` without an id: it cannot work at all, and ends. */
export type Answer =
  | { kind: 'heard'; id: number; heard: Heard; rssBytes: number }
  | { kind: 'failed'; id?: number; code: 'speech_model_missing' | 'speech_model_corrupt' | 'failed'; message: string }
