import { checkAudio, isSilent } from '../check-audio.ts'
import type { SpeechProvider } from '../provider.ts'
import { judge, understands } from './judge.ts'
import { createSpeechPool, type SpeechPoolOptions } from './pool.ts'

/** The local model: English, in child processes of this program. Children start with the first utterance. */
export function createMoonshineProvider(options: SpeechPoolOptions): SpeechProvider {
  const pool = createSpeechPool(options)
  return {
    name: 'moonshine',
    get pending() {
      return pool.pending
    },
    whenRoom: (signal) => pool.whenRoom(signal),
    transcribe: async (audio, { language, signal } = {}) => {
      checkAudio(audio)
      signal?.throwIfAborted()
      if (isSilent(audio)) return { text: '', confidence: 1, language: null, reason: 'no_speech' }
      if (!understands(language)) return { text: '', confidence: 1, language: null, reason: 'other_language' }
      return judge(await pool.hear(audio, signal))
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}
