import type { SpeechResult } from './speech/provider.ts'
import type { UtteranceResult } from './utterance-store.ts'

/** The tag of a language that nobody has recognised (BCP 47). */
export const UNDETERMINED = 'und'

/** What is stored of a speech provider's answer: text, or that there is none because nothing was said or it is in another language. */
export function resultOfSpeech({ text, confidence, language, reason }: SpeechResult): UtteranceResult {
  if (reason === 'other_language') return { state: 'done', confidence, language: language ?? UNDETERMINED }
  return text === '' ? { state: 'empty', confidence } : { state: 'done', text, confidence, language }
}
