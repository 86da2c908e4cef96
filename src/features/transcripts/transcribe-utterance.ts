import type { Clock } from '../../base/clock.ts'
import { describeError, isAppError } from '../../base/errors.ts'
import { type Database, inTransaction } from '../../platform/db/index.ts'
import type { Logger } from '../../platform/observe/index.ts'
import { resultOfSpeech } from './result-of-speech.ts'
import { settleTranscript } from './settle-transcript.ts'
import { decodeOggOpus } from './speech/decode-ogg-opus.ts'
import type { SpeechProvider } from './speech/provider.ts'
import { finishUtterance, readWaitingSpeech, type UtteranceResult } from './utterance-store.ts'

interface TranscribeDeps {
  db: Database
  clock: Clock
  log: Pick<Logger, 'warn'>
  speech: SpeechProvider
}

/**
 * Turns a stored utterance into text, and settles the transcript where this was the last one. May run twice. A failure that may pass is
 * thrown, to be tried again; one that will not is written down, and the speech is kept.
 */
export async function transcribeUtterance(
  deps: TranscribeDeps,
  input: { utteranceId: string; signal?: AbortSignal },
): Promise<void> {
  const waiting = await readWaitingSpeech(deps.db, input.utteranceId)
  if (!waiting) return
  const result = await transcribe(deps, waiting.opus, input.signal)
  const now = deps.clock.now()
  await inTransaction(deps.db, (trx) => finishUtterance(trx, input.utteranceId, result, now))
  await settleTranscript(deps, waiting.meetingId)
}

async function transcribe(deps: TranscribeDeps, opus: Uint8Array, signal?: AbortSignal): Promise<UtteranceResult> {
  try {
    const audio = await decodeOggOpus(opus)
    return resultOfSpeech(await deps.speech.transcribe(audio, signal === undefined ? {} : { signal }))
  } catch (error) {
    if (!isAppError(error) || error.retry !== 'never') throw error
    deps.log.warn('An utterance could not become text', { code: error.code, reason: describeError(error) })
    return { state: 'failed' }
  }
}
