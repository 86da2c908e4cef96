import type { SpeechResult } from '../provider.ts'
import type { Heard } from './wire.ts'

// Clear English is above 0.7, with a little noise above 0.5; six other languages are below 0.5 (measured with synthetic voices, 2026-11).
const LEAST_PROBABILITY = 0.5
// Of so few tokens the mean says too little: a short answer in English is often below.
const FEWEST_TOKENS = 6
const UNSURE = 0.3

/**
 * What of the heard text can be handed on. The model knows English only and makes fluent English of every other language, with
 * little confidence: that is not text but an invention, and is answered as `other_language`.
 */
export function judge(heard: Heard): SpeechResult {
  if (heard.text === '') return { text: '', confidence: heard.probability, language: null, reason: 'no_speech' }
  const isUnsure = heard.probability < LEAST_PROBABILITY
  if (isUnsure && heard.tokenCount >= FEWEST_TOKENS) {
    return { text: '', confidence: heard.probability, language: null, reason: 'other_language' }
  }
  const confidence = heard.isRepeating || heard.isCutShort ? Math.min(heard.probability, UNSURE) : heard.probability
  return { text: heard.text, confidence, language: isUnsure ? null : 'en' }
}

/** Whether the model can be of use for what is said to be spoken. */
export function understands(language: string | undefined): boolean {
  return language === undefined || language.toLowerCase().split('-')[0] === 'en'
}
